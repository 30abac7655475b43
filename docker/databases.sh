#!/bin/sh
# Generated from libs/runtime/topology.ts by `npm run generate`.
# Runs once, in an empty Postgres: a database and a login with a password of its own for each service.
set -e
psql -v ON_ERROR_STOP=1 --username postgres -v only2u_auth="$AUTH_DATABASE_PASSWORD" -v only2u_product="$PRODUCT_DATABASE_PASSWORD" -v only2u_order="$ORDER_DATABASE_PASSWORD" -v only2u_payment="$PAYMENT_DATABASE_PASSWORD" -v only2u_cart="$CART_DATABASE_PASSWORD" -v only2u_coupon="$COUPON_DATABASE_PASSWORD" <<SQL
  CREATE ROLE only2u_auth LOGIN PASSWORD :'only2u_auth';
  CREATE DATABASE only2u_auth OWNER only2u_auth;
  REVOKE ALL ON DATABASE only2u_auth FROM PUBLIC;
  CREATE ROLE only2u_product LOGIN PASSWORD :'only2u_product';
  CREATE DATABASE only2u_product OWNER only2u_product;
  REVOKE ALL ON DATABASE only2u_product FROM PUBLIC;
  CREATE ROLE only2u_order LOGIN PASSWORD :'only2u_order';
  CREATE DATABASE only2u_order OWNER only2u_order;
  REVOKE ALL ON DATABASE only2u_order FROM PUBLIC;
  CREATE ROLE only2u_payment LOGIN PASSWORD :'only2u_payment';
  CREATE DATABASE only2u_payment OWNER only2u_payment;
  REVOKE ALL ON DATABASE only2u_payment FROM PUBLIC;
  CREATE ROLE only2u_cart LOGIN PASSWORD :'only2u_cart';
  CREATE DATABASE only2u_cart OWNER only2u_cart;
  REVOKE ALL ON DATABASE only2u_cart FROM PUBLIC;
  CREATE ROLE only2u_coupon LOGIN PASSWORD :'only2u_coupon';
  CREATE DATABASE only2u_coupon OWNER only2u_coupon;
  REVOKE ALL ON DATABASE only2u_coupon FROM PUBLIC;
SQL
