import { Controller, Delete, Get, Inject, Patch, Post, Put, Req, Res, SetMetadata, type Type, UseGuards } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { AnyContract, AnyOperation, Method } from '#libs/contracts/contract';
import { AccessGuard, OPERATION } from './access.guard.ts';
import type { BodyConfig } from './body-reader.ts';
import { Edge } from './edge.ts';
import type { EdgeReply, EdgeRequest } from './edge-request.ts';

const METHODS: Record<Method, (path: string) => MethodDecorator> = { GET: Get, POST: Post, PUT: Put, PATCH: Patch, DELETE: Delete };

/** A Nest controller with a route for each operation that has one. There is no other controller for them: the contract says it all. */
export function controllerFor(contract: AnyContract): Type<object> {
  class Routes {
    constructor(@Inject(Edge) readonly edge: Edge) {}
  }
  Object.defineProperty(Routes, 'name', { value: `${contract.name}Routes` });
  for (const [name, operation] of Object.entries(contract.operations)) addRoute(Routes, name, operation);
  Controller()(Routes);
  return Routes;
}

function addRoute(controller: Type<{ edge: Edge }>, name: string, operation: AnyOperation): void {
  const { method, path } = operation;
  if (method === undefined || path === undefined) return;
  const { prototype } = controller;
  Object.defineProperty(prototype, name, {
    configurable: true,
    writable: true,
    value: function route(this: { edge: Edge }, request: EdgeRequest, reply: EdgeReply): Promise<void> {
      return this.edge.handle(operation, request, reply);
    },
  });
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor;
  METHODS[method](path)(prototype, name, descriptor);
  Req()(prototype, name, 0);
  Res()(prototype, name, 1);
  SetMetadata(OPERATION, operation)(prototype, name, descriptor);
  if (operation.upload !== undefined) RouteConfig({ streams: true } satisfies BodyConfig)(prototype, name, descriptor);
  if (operation.access !== 'public' && operation.access !== 'signature') UseGuards(AccessGuard)(prototype, name, descriptor);
}
