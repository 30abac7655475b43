import { IDLE_SECONDS } from '../cart.ts';
import { reading } from './reading.ts';

/**
 * KEYS cart, generation; ARGV generation, sequence, then the cart's fields. Puts a cart from Postgres where there is none, or an older
 * one, or what is no cart: never over a newer. The generation goes with a flush: what was read from Postgres before the flush is read again.
 */
const restore = `${reading}
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 'flushed' end
local _, sequence = known(KEYS[1])
if sequence and sequence >= tonumber(ARGV[2]) then return 'present' end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
redis.call('EXPIRE', KEYS[1], ${IDLE_SECONDS})
return 'restored'
`;

/** KEYS dirty; ARGV how many, lease in ms. The owners longest due, which no other replica takes until the lease ends. */
const claim = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local owners = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])
for _, owner in ipairs(owners) do redis.call('ZADD', KEYS[1], now + ARGV[2], owner) end
return owners
`;

/**
 * KEYS dirty, then the carts; ARGV a pause in ms, then owner and stored sequence of each. A cart written since stays dirty and is due
 * after the pause, so that one that is written all the time is not stored all the time; the rest are clean. Answers owners whose cart in
 * Redis is older than what was stored: Redis was flushed and restored meanwhile.
 */
const settle = `${reading}
local time = redis.call('TIME')
local due = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[1]
local behind = {}
for index = 2, #KEYS do
  local owner, stored = ARGV[2 * index - 2], tonumber(ARGV[2 * index - 1])
  local _, found = known(KEYS[index])
  local sequence = found or stored
  if sequence > stored then
    redis.call('ZADD', KEYS[1], due, owner)
  else
    redis.call('ZREM', KEYS[1], owner)
    if sequence < stored then table.insert(behind, owner) end
  end
end
return behind
`;

/** KEYS cart; ARGV fields and the values that they had. Removes each that still has its value; neither version nor sequence moves. */
const forget = `
for index = 1, #ARGV, 2 do
  if redis.call('HGET', KEYS[1], ARGV[index]) == ARGV[index + 1] then redis.call('HDEL', KEYS[1], ARGV[index]) end
end
`;

export const keepingScripts = { cartRestore: restore, cartForget: forget, cartClaim: claim, cartSettle: settle } as const;
