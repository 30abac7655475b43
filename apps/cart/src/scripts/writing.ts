import { MAX_CART_LINES, MAX_LINE_QUANTITY } from '#libs/contracts/cart';
import { KEY_ENTRY_LENGTH, LINE_FIELD } from '../cart-value.ts';

/** Idempotency keys and event ids that a cart remembers. */
const KEPT_KEYS = 100;
const KEPT_EVENTS = 100;
/** A UUID and a line feed. */
const EVENT_ENTRY_LENGTH = 37;
/** Days without a write after which a cart leaves Redis; Postgres has it. */
export const IDLE_SECONDS = 30 * 86_400;

/**
 * Every write of a cart: KEYS cart, dirty; ARGV If-Match or '', key digest or '', body digest, new version, owner, then its own.
 * Answers a list that begins with the outcome; after `written` and `replayed` the cart's fields follow.
 *
 * A repeat of a known key is answered before If-Match is looked at: its own first run has made the version stale.
 * `sequence` is the server's clock in microseconds, and above the one before where the clock is behind.
 */
const prelude = `
local cart, dirty = KEYS[1], KEYS[2]
local ifMatch, key, body, newVersion, owner = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]

local function answer(outcome)
  local reply = redis.call('HGETALL', cart)
  table.insert(reply, 1, outcome)
  return reply
end

local version = redis.call('HGET', cart, 'version')
if not version then return {'missing'} end
local keys = ''
if key ~= '' then
  keys = redis.call('HGET', cart, 'keys') or ''
  local at = string.find(keys, key .. ':', 1, true)
  if at then
    if string.sub(keys, at + #key + 1, at + #key + #body) ~= body then return {'reused'} end
    return answer('replayed')
  end
end
if ifMatch ~= '' and ifMatch ~= version then return {'stale'} end

local function written()
  local time = redis.call('TIME')
  local now = time[1] * 1000000 + time[2]
  local sequence = math.max(tonumber(redis.call('HGET', cart, 'sequence')) + 1, now)
  local milliseconds = string.format('%.0f', math.floor(now / 1000))
  redis.call('HSET', cart, 'version', newVersion, 'sequence', string.format('%.0f', sequence), 'updatedAt', milliseconds)
  if key ~= '' then
    redis.call('HSET', cart, 'keys', string.sub(keys .. key .. ':' .. body .. '\\n', -${KEPT_KEYS * KEY_ENTRY_LENGTH}))
  end
  redis.call('ZADD', dirty, 'NX', milliseconds, owner)
  redis.call('EXPIRE', cart, ${IDLE_SECONDS})
  return answer('written')
end
`;

/** Own ARGV: variant, quantity, units available, item id for a new line, snapshot. */
const add = `${prelude}
local field, quantity, id = '${LINE_FIELD}' .. ARGV[6], tonumber(ARGV[7]), ARGV[9]
local line = redis.call('HGET', cart, field)
if line then
  local had, itemId = string.match(line, '^(%d+)|([^|]+)|')
  quantity = quantity + tonumber(had)
  id = itemId
end
if quantity > ${MAX_LINE_QUANTITY} then return {'line_limit'} end
if not line then
  local lines = 0
  for _, name in ipairs(redis.call('HKEYS', cart)) do
    if string.sub(name, 1, ${LINE_FIELD.length}) == '${LINE_FIELD}' then lines = lines + 1 end
  end
  if lines >= ${MAX_CART_LINES} then return {'too_many_lines'} end
end
if quantity > tonumber(ARGV[8]) then return {'out_of_stock'} end
redis.call('HSET', cart, field, string.format('%d|', quantity) .. id .. '|' .. ARGV[10])
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
for _, name in ipairs(redis.call('HKEYS', cart)) do
  if string.sub(name, 1, ${LINE_FIELD.length}) == '${LINE_FIELD}' then redis.call('HDEL', cart, name) end
end
return written()
`;

/** Own ARGV: event id, then variant and quantity of each ordered line. Takes them out once for each event id. */
const consume = `${prelude}
local events = redis.call('HGET', cart, 'events') or ''
if string.find(events, ARGV[6] .. '\\n', 1, true) then return answer('known') end
for index = 7, #ARGV, 2 do
  local field = '${LINE_FIELD}' .. ARGV[index]
  local line = redis.call('HGET', cart, field)
  if line then
    local had, rest = string.match(line, '^(%d+)(|.*)$')
    local left = tonumber(had) - tonumber(ARGV[index + 1])
    if left > 0 then
      redis.call('HSET', cart, field, string.format('%d', left) .. rest)
    else
      redis.call('HDEL', cart, field)
    end
  end
end
redis.call('HSET', cart, 'events', string.sub(events .. ARGV[6] .. '\\n', -${KEPT_EVENTS * EVENT_ENTRY_LENGTH}))
return written()
`;

export const writingScripts = { cartAdd: add, cartSet: set, cartClear: clear, cartConsume: consume } as const;
