import { MAX_SEQUENCE_DIGITS, MAX_TIME_DIGITS } from '../cart-value.ts';

/**
 * Version and sequence of a cart; nothing where there is no cart, or none that `fromFields` can read. The two must agree: what is missing
 * for one and present for the other is never restored.
 */
export const reading = `
local function isNumber(text, digits) return text and #text <= digits and string.find(text, '^%d+$') end

local function known(hash)
  local version, sequence, updatedAt = unpack(redis.pcall('HMGET', hash, 'version', 'sequence', 'updatedAt'))
  if not version or #version ~= 36 or not string.find(version, '^[%x-]+$') then return end
  if isNumber(sequence, ${MAX_SEQUENCE_DIGITS}) and isNumber(updatedAt, ${MAX_TIME_DIGITS}) then return version, tonumber(sequence) end
end
`;
