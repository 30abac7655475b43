import { MAX_CART_LINES, MAX_LINE_QUANTITY } from '#libs/contracts/cart/views';

import { LINE_FIELD } from '../cart-value.ts';
import { opening } from './writing.ts';

/**
 * KEYS the user's cart, dirty, the guest's cart; own ARGV: the guest's owner, the version of the guest's cart that was read, a new one for
 * it, the event id of the merge, then of each of the guest's lines: variant, units available, id of a new item, snapshot or '' where the
 * variant was withdrawn.
 *
 * The user's cart remembers the event, the guest's cart by whom it was taken, and keeps its lines: whichever of the two a flush takes
 * back, a repeat brings about what is missing and nothing twice.
 */
const merge = `${opening}
local guest, guestOwner, guestVersion, newGuestVersion, event = KEYS[3], ARGV[6], ARGV[7], ARGV[8], ARGV[9]
local version = known(cart)
if not version then return {'missing'} end
if text(cart, 'mergedBy') ~= '' then return {'merged'} end
local guestVersionNow = known(guest)
if not guestVersionNow then return {'guest_missing'} end
local mergedBy = text(guest, 'mergedBy')
if mergedBy ~= '' and mergedBy ~= owner then return {'merged'} end

local function take()
  if mergedBy ~= '' then return end
  redis.call('HSET', guest, 'mergedBy', owner)
  stamp(guest, newGuestVersion, guestOwner)
end

if string.find(text(cart, 'events'), event .. '\\n', 1, true) then
  take()
  return answer('known')
end
if guestVersionNow ~= guestVersion then return {'guest_changed'} end
if ifMatch ~= '' and ifMatch ~= version then return {'stale'} end

local changes, count = {}, #lineFields(cart)
for index = 10, #ARGV, 4 do
  local field, available, id, snapshot = '${LINE_FIELD}' .. ARGV[index], tonumber(ARGV[index + 1]), ARGV[index + 2], ARGV[index + 3]
  local quantity, rest = string.match(redis.call('HGET', guest, field), '^(%d+)|[^|]+(|.*)$')
  if snapshot ~= '' then rest = '|' .. snapshot end
  local line, had = redis.call('HGET', cart, field), 0
  if not line then count = count + 1 end
  local units, itemId = lineParts(line)
  if units then had, id = units, itemId end
  -- A line that nothing is left of stays, with one unit, to be seen as out of stock; one that had more than this keeps it.
  local sum = math.max(1, math.min(had + tonumber(quantity), ${MAX_LINE_QUANTITY}, available))
  if sum > had then
    table.insert(changes, field)
    table.insert(changes, string.format('%d|', sum) .. id .. rest)
  end
end
if count > ${MAX_CART_LINES} then return {'too_many_lines'} end
for index = 1, #changes, 2 do redis.call('HSET', cart, changes[index], changes[index + 1]) end
remember(event)
take()
return written()
`;

export const mergingScripts = { cartMerge: merge } as const;
