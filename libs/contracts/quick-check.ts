import { getMetadataStorage } from 'class-validator';
import { nestedTypeOf } from './fields.ts';
import type { Class } from './schema.ts';

type Check = (instance: Record<string, unknown>) => boolean;
type FieldCheck = (instance: Record<string, unknown>, value: unknown) => boolean;
type Rule = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

const storage = getMetadataStorage();
const checks = new Map<Class, Check>();

/**
 * Whether an instance keeps all rules of its class and has no other members: class-validator's own rules, run without its machinery, which
 * costs five times as much as the rules. False only says "ask class-validator", which also words the refusal; so a rule of a kind that is
 * not known here costs time and no correctness. The specification holds both against each other.
 */
export function keepsItsRules(type: Class, instance: object): boolean {
  let check = checks.get(type);
  if (check === undefined) {
    check = compile(type);
    checks.set(type, check);
  }
  return check(instance as Record<string, unknown>);
}

function compile(type: Class): Check {
  const rules = Map.groupBy(storage.getTargetValidationMetadatas(type, '', false, false), ({ propertyName }) => propertyName);
  const names = [...rules.keys()];
  const fields = new Map(names.map((name) => [name, fieldCheck(type, name, rules.get(name) ?? [])]));
  return (instance) => {
    for (const key of Object.keys(instance)) if (!fields.has(key)) return false;
    for (const [name, check] of fields) if (!check(instance, instance[name])) return false;
    return true;
  };
}

function fieldCheck(type: Class, property: string, rules: readonly Rule[]): FieldCheck {
  if (rules.some((rule) => !isKnown(rule))) return () => false;
  const conditions = rules.filter((rule) => rule.type === 'conditionalValidation').map((rule) => rule.constraints[0] as FieldCheck);
  const customs = rules.filter((rule) => rule.type === 'customValidation').flatMap((rule) => customChecks(type, property, rule));
  const nested = rules.some((rule) => rule.type === 'nestedValidation') ? nestedTypeOf(type, property) : undefined;
  return (instance, value) => {
    for (const isMeant of conditions) if (!isMeant(instance, value)) return true;
    for (const check of customs) if (!check(instance, value)) return false;
    return nested === undefined || nestedCheck(nested, value);
  };
}

/** A rule that the quick check can run. */
export const isKnown = ({ type, validateIf, groups }: Rule): boolean =>
  ['conditionalValidation', 'customValidation', 'nestedValidation'].includes(type) && validateIf === undefined && !groups?.length;

function customChecks(type: Class, property: string, { constraintCls, constraints, each }: Rule): FieldCheck[] {
  return storage.getTargetValidatorConstraints(constraintCls).map(({ instance: validator }) => (object, value) => {
    const about = { targetName: type.name, property, object, value, constraints };
    if (!each || !Array.isArray(value)) return validator.validate(value, about) === true;
    return value.every((item) => validator.validate(item, about) === true);
  });
}

function nestedCheck(type: Class, value: unknown): boolean {
  if (Array.isArray(value)) return value.every((item) => item instanceof type && keepsItsRules(type, item));
  return value instanceof type && keepsItsRules(type, value);
}
