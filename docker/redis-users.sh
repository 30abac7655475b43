#!/bin/sh
# Generated from libs/runtime/topology.ts by `npm run generate`.
# Prints an ACL file: a login for each service, and the default user as the operator's. The passwords may have any characters and are in
# REDIS_ADMIN_PASSWORD and ORDER_REDIS_PASSWORD and the like, which it asks for by name.
set -eu
prefix=${REDIS_PREFIX:-only2u}
user() { printf 'user %s on #%s %s\n' "$1" "$(printf %s "$2" | sha256sum | cut -d ' ' -f 1)" "$3"; }
user default "${REDIS_ADMIN_PASSWORD:?}" "~* &* +@all"
user "${prefix}_gateway" "${GATEWAY_REDIS_PASSWORD:?}" "resetchannels &${prefix}:signals resetkeys ~${prefix}:{gateway}:* ~${prefix}:replies:gateway-* ~${prefix}:limit:* ~${prefix}:idempotency:* %W~${prefix}:{*}:checkout %W~${prefix}:{*}:browse %W~${prefix}:replies:* %R~${prefix}:{*}:replicas %R~${prefix}:{auth}:trust %R~${prefix}:dev:inbox nocommands +@all -@admin -@dangerous +info +client|unblock"
user "${prefix}_auth" "${AUTH_REDIS_PASSWORD:?}" "resetchannels &${prefix}:signals resetkeys ~${prefix}:{auth}:* ~${prefix}:replies:auth-* ~${prefix}:{sign-in}* ~${prefix}:dev:inbox %W~${prefix}:{*}:checkout %W~${prefix}:{*}:browse %W~${prefix}:replies:* %R~${prefix}:{*}:replicas %R~${prefix}:{auth}:trust nocommands +@all -@admin -@dangerous +info +client|unblock"
user "${prefix}_product" "${PRODUCT_REDIS_PASSWORD:?}" "resetchannels &${prefix}:signals resetkeys ~${prefix}:{product}:* ~${prefix}:replies:product-* %W~${prefix}:{*}:checkout %W~${prefix}:{*}:browse %W~${prefix}:replies:* %R~${prefix}:{*}:replicas %R~${prefix}:{auth}:trust nocommands +@all -@admin -@dangerous +info +client|unblock"
user "${prefix}_order" "${ORDER_REDIS_PASSWORD:?}" "resetchannels &${prefix}:signals resetkeys ~${prefix}:{order}:* ~${prefix}:replies:order-* %W~${prefix}:{*}:checkout %W~${prefix}:{*}:browse %W~${prefix}:replies:* %R~${prefix}:{*}:replicas %R~${prefix}:{auth}:trust nocommands +@all -@admin -@dangerous +info +client|unblock"
user "${prefix}_payment" "${PAYMENT_REDIS_PASSWORD:?}" "resetchannels &${prefix}:signals resetkeys ~${prefix}:{payment}:* ~${prefix}:replies:payment-* %W~${prefix}:{*}:checkout %W~${prefix}:{*}:browse %W~${prefix}:replies:* %R~${prefix}:{*}:replicas %R~${prefix}:{auth}:trust nocommands +@all -@admin -@dangerous +info +client|unblock"
user "${prefix}_cart" "${CART_REDIS_PASSWORD:?}" "resetchannels &${prefix}:signals resetkeys ~${prefix}:{cart}:* ~${prefix}:replies:cart-* ~${prefix}:cart:* ~${prefix}:carts:* %W~${prefix}:{*}:checkout %W~${prefix}:{*}:browse %W~${prefix}:replies:* %R~${prefix}:{*}:replicas %R~${prefix}:{auth}:trust nocommands +@all -@admin -@dangerous +info +client|unblock"
user "${prefix}_coupon" "${COUPON_REDIS_PASSWORD:?}" "resetchannels &${prefix}:signals resetkeys ~${prefix}:{coupon}:* ~${prefix}:replies:coupon-* %W~${prefix}:{*}:checkout %W~${prefix}:{*}:browse %W~${prefix}:replies:* %R~${prefix}:{*}:replicas %R~${prefix}:{auth}:trust nocommands +@all -@admin -@dangerous +info +client|unblock"
