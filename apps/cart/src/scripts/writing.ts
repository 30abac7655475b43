import { MAX_CART_LINES, MAX_LINE_QUANTITY } from '#libs/contracts/cart/views';

import { ERASED, IDLE_SECONDS } from '../cart.ts';
import { KEY_ENTRY_LENGTH, LINE_FIELD } from '../cart-value.ts';
import { reading } from './reading.ts';

/** Idempotency keys and event ids that a cart remembers. */
const KEPT_KEYS = 100;
const KEPT_EVENTS = 100;
/** A UUID and a line feed. */
const EVENT_ENTRY_LENGTH = 37;
/**
 * Every write of a cart: KEYS cart, dirty; ARGV If-Match or '', key digest or '', body digest, new version, owner, then its own.
 * Answers a list that begins with the outcome; after `written` and `replayed` the cart's fields follow.
 *
 * `sequence` is the server's clock in microseconds, and above the one before where the clock is behind.
 */
export const opening = `${reading}
local cart, dirty = KEYS[1], KEYS[2]
local ifMatch, key, body, newVersion, owner = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]

local function answer(outcome)
  local reply = redis.call('HGETALL', cart)
  table.insert(reply, 1, outcome)
  return reply
end

local function text(hash, field) return redis.call('HGET', hash, field) or '' end

-- Units, item id and the rest of a line; nothing where it cannot be read.
local function lineParts(line)
  local units, id, rest = string.match(line or '', '^(%d+)|([^|]+)(|.*)$')
  if units then return math.min(tonumber(units), ${MAX_LINE_QUANTITY}), id, rest end
end

local function lineFields(hash)
  local fields = {}
  for _, name in ipairs(redis.call('HKEYS', hash)) do
    if string.sub(name, 1, ${LINE_FIELD.length}) == '${LINE_FIELD}' then table.insert(fields, name) end
  end
  return fields
end

local function stamp(hash, version, whose)
  local time = redis.call('TIME')
  local now = time[1] * 1000000 + time[2]
  local sequence = math.max(tonumber(redis.call('HGET', hash, 'sequence') or 0) + 1, now)
  local milliseconds = string.format('%.0f', math.floor(now / 1000))
  redis.call('HSET', hash, 'version', version, 'sequence', string.format('%.0f', sequence), 'updatedAt', milliseconds)
  redis.call('ZADD', dirty, 'NX', milliseconds, whose)
  redis.call('EXPIRE', hash, ${IDLE_SECONDS})
end

local function written()
  if key ~= '' then
    redis.call('HSET', cart, 'keys', string.sub(text(cart, 'keys') .. key .. ':' .. body .. '\\n', -${KEPT_KEYS * KEY_ENTRY_LENGTH}))
  end
  stamp(cart, newVersion, owner)
  return answer('written')
end

local function remember(event)
  redis.call('HSET', cart, 'events', string.sub(text(cart, 'events') .. event .. '\\n', -${KEPT_EVENTS * EVENT_ENTRY_LENGTH}))
end
`;

/** A repeat of a known key is answered before anything else is looked at: its own first run has made the version stale. */
const repeating = `${opening}
local version = known(cart)
if not version then return {'missing'} end
if text(cart, 'mergedBy') ~= '' then return {'merged'} end
if key ~= '' then
  local keys = text(cart, 'keys')
  local at = string.find(keys, key .. ':', 1, true)
  if at then
    if string.sub(keys, at + #key + 1, at + #key + #body) ~= body then return {'reused'} end
    return answer('replayed')
  end
end
`;

const matching = `
if ifMatch ~= '' and ifMatch ~= version then return {'stale'} end
`;

const prelude = repeating + matching;

/** A new guest's cart. */
const open = `${opening}
redis.call('HSET', cart, 'coupon', '')
return written()
`;

/** ARGV from `at` on: variant, quantity, units available (-1: there is no such variant), item id for a new line, snapshot. */
const adding = (at: number, guard: string): string => `
if tonumber(ARGV[${at + 2}]) < 0 then return {'no_variant'} end
${guard}
local field, quantity, id = '${LINE_FIELD}' .. ARGV[${at}], tonumber(ARGV[${at + 1}]), ARGV[${at + 3}]
local line = redis.call('HGET', cart, field)
local had, itemId = lineParts(line)
if had then
  quantity = quantity + had
  id = itemId
end
if quantity > ${MAX_LINE_QUANTITY} then return {'line_limit'} end
if not line and #lineFields(cart) >= ${MAX_CART_LINES} then return {'too_many_lines'} end
if quantity > tonumber(ARGV[${at + 2}]) then return {'out_of_stock'} end
redis.call('HSET', cart, field, string.format('%d|', quantity) .. id .. '|' .. ARGV[${at + 4}])
`;

const add = `${repeating}${adding(6, matching)}
return written()
`;

/** Own ARGV: variant, item id, quantity (0 removes), units available, snapshot. */
const set = `${prelude}
local field, quantity = '${LINE_FIELD}' .. ARGV[6], tonumber(ARGV[8])
local line = redis.call('HGET', cart, field)
if not line or string.match(line, '^%d+|([^|]+)|') ~= ARGV[7] then return {'no_line'} end
if quantity == 0 then
  redis.call('HDEL', cart, field)
else
  if quantity > tonumber(ARGV[9]) then return {'out_of_stock'} end
  redis.call('HSET', cart, field, string.format('%d|', quantity) .. ARGV[7] .. '|' .. ARGV[10])
end
return written()
`;

/** The hash stays: an empty cart is a fact too, and has to reach Postgres. */
const clear = `${prelude}
for _, field in ipairs(lineFields(cart)) do redis.call('HDEL', cart, field) end
redis.call('HSET', cart, 'coupon', '')
return written()
`;

/** Of an erased user: empty, and from then on refused to every write, for one may be under way. The hash stays, as above. */
const erase = `${opening}
if not known(cart) then return {'missing'} end
for _, field in ipairs(lineFields(cart)) do redis.call('HDEL', cart, field) end
redis.call('HSET', cart, 'coupon', '', 'mergedBy', '${ERASED}')
return written()
`;

/** Own ARGV: the code, '' for none. */
const coupon = `${prelude}
redis.call('HSET', cart, 'coupon', ARGV[6])
return written()
`;

/**
 * Own ARGV: event id, then variant and quantity of each ordered line. Takes them out, and the coupon, once for each event id; out of an erased
 * user's cart too, where there is nothing left to take.
 */
const consume = `${opening}
if not known(cart) then return {'missing'} end
if string.find(text(cart, 'events'), ARGV[6] .. '\\n', 1, true) then return answer('known') end
for index = 7, #ARGV, 2 do
  local field = '${LINE_FIELD}' .. ARGV[index]
  local had, id, rest = lineParts(redis.call('HGET', cart, field))
  local left = (had or 0) - tonumber(ARGV[index + 1])
  if left > 0 then
    redis.call('HSET', cart, field, string.format('%d|', left) .. id .. rest)
  else
    redis.call('HDEL', cart, field)
  end
end
redis.call('HSET', cart, 'coupon', '')
remember(ARGV[6])
return written()
`;

/** Own ARGV: the id of what is taken, then as `adding` has them. Adds it once for each id. */
const take = `${prelude}
if string.find(text(cart, 'events'), ARGV[6] .. '\\n', 1, true) then return answer('known') end
${adding(7, '')}
remember(ARGV[6])
return written()
`;

export const writingScripts = {
  cartOpen: open,
  cartAdd: add,
  cartSet: set,
  cartClear: clear,
  cartErase: erase,
  cartCoupon: coupon,
  cartConsume: consume,
  cartTake: take,
} as const;
