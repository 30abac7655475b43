import { getMetadataStorage } from 'class-validator';

const storage = getMetadataStorage();
const lookUp = storage.getTargetValidationMetadatas.bind(storage);
const rules = new Map<object, ReturnType<typeof lookUp>>();

/**
 * At every validation class-validator walks over all classes that have rules, to find the ancestors of the one at hand: a fifteenth of what a
 * service spent on a request. A class' rules are complete once its file is loaded, so they are looked up once. (class-validator 0.15.1; pinned.)
 */
storage.getTargetValidationMetadatas = (target, schema, always, strictGroups, groups) => {
  if (schema || always || strictGroups || groups?.length) return lookUp(target, schema, always, strictGroups, groups);
  let found = rules.get(target);
  if (found === undefined) {
    found = lookUp(target, schema, always, strictGroups, groups);
    rules.set(target, found);
  }
  return found;
};
