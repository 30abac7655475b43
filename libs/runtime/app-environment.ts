import { Inject, type Provider } from '@nestjs/common';
import type { Declarations, Environment } from './environment.ts';

/** A service's own variables, injected by their declaration: `@InjectEnvironment(cartEnv) private readonly env: CartEnv`. */
export const InjectEnvironment = (declared: Environment<Declarations>): ParameterDecorator => Inject(declared as never);

export const provideEnvironment = (declared: Environment<Declarations>): Provider => ({
  provide: declared as never,
  useFactory: () => declared.read(process.env),
});
