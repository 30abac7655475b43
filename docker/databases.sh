#!/bin/sh
# Generated from libs/runtime/topology.ts by `npm run generate`.
# Runs once, in an empty Postgres: for each service a database, a login that owns it and migrates, and one that the service runs as. Each
# has a password of its own, with any characters, in the variable that is read here.
set -e
psql -v ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" <<'SQL'
\getenv only2u_auth AUTH_DATABASE_PASSWORD
\getenv only2u_auth_owner AUTH_MIGRATION_DATABASE_PASSWORD
CREATE ROLE only2u_auth LOGIN PASSWORD :'only2u_auth';
CREATE ROLE only2u_auth_owner LOGIN PASSWORD :'only2u_auth_owner';
GRANT only2u_auth_owner TO CURRENT_USER;
CREATE DATABASE only2u_auth OWNER only2u_auth_owner;
REVOKE ALL ON DATABASE only2u_auth FROM PUBLIC;
GRANT CONNECT ON DATABASE only2u_auth TO only2u_auth;
\getenv only2u_product PRODUCT_DATABASE_PASSWORD
\getenv only2u_product_owner PRODUCT_MIGRATION_DATABASE_PASSWORD
CREATE ROLE only2u_product LOGIN PASSWORD :'only2u_product';
CREATE ROLE only2u_product_owner LOGIN PASSWORD :'only2u_product_owner';
GRANT only2u_product_owner TO CURRENT_USER;
CREATE DATABASE only2u_product OWNER only2u_product_owner;
REVOKE ALL ON DATABASE only2u_product FROM PUBLIC;
GRANT CONNECT ON DATABASE only2u_product TO only2u_product;
\getenv only2u_order ORDER_DATABASE_PASSWORD
\getenv only2u_order_owner ORDER_MIGRATION_DATABASE_PASSWORD
CREATE ROLE only2u_order LOGIN PASSWORD :'only2u_order';
CREATE ROLE only2u_order_owner LOGIN PASSWORD :'only2u_order_owner';
GRANT only2u_order_owner TO CURRENT_USER;
CREATE DATABASE only2u_order OWNER only2u_order_owner;
REVOKE ALL ON DATABASE only2u_order FROM PUBLIC;
GRANT CONNECT ON DATABASE only2u_order TO only2u_order;
\getenv only2u_payment PAYMENT_DATABASE_PASSWORD
\getenv only2u_payment_owner PAYMENT_MIGRATION_DATABASE_PASSWORD
CREATE ROLE only2u_payment LOGIN PASSWORD :'only2u_payment';
CREATE ROLE only2u_payment_owner LOGIN PASSWORD :'only2u_payment_owner';
GRANT only2u_payment_owner TO CURRENT_USER;
CREATE DATABASE only2u_payment OWNER only2u_payment_owner;
REVOKE ALL ON DATABASE only2u_payment FROM PUBLIC;
GRANT CONNECT ON DATABASE only2u_payment TO only2u_payment;
\getenv only2u_cart CART_DATABASE_PASSWORD
\getenv only2u_cart_owner CART_MIGRATION_DATABASE_PASSWORD
CREATE ROLE only2u_cart LOGIN PASSWORD :'only2u_cart';
CREATE ROLE only2u_cart_owner LOGIN PASSWORD :'only2u_cart_owner';
GRANT only2u_cart_owner TO CURRENT_USER;
CREATE DATABASE only2u_cart OWNER only2u_cart_owner;
REVOKE ALL ON DATABASE only2u_cart FROM PUBLIC;
GRANT CONNECT ON DATABASE only2u_cart TO only2u_cart;
\getenv only2u_coupon COUPON_DATABASE_PASSWORD
\getenv only2u_coupon_owner COUPON_MIGRATION_DATABASE_PASSWORD
CREATE ROLE only2u_coupon LOGIN PASSWORD :'only2u_coupon';
CREATE ROLE only2u_coupon_owner LOGIN PASSWORD :'only2u_coupon_owner';
GRANT only2u_coupon_owner TO CURRENT_USER;
CREATE DATABASE only2u_coupon OWNER only2u_coupon_owner;
REVOKE ALL ON DATABASE only2u_coupon FROM PUBLIC;
GRANT CONNECT ON DATABASE only2u_coupon TO only2u_coupon;
\getenv only2u_notification NOTIFICATION_DATABASE_PASSWORD
\getenv only2u_notification_owner NOTIFICATION_MIGRATION_DATABASE_PASSWORD
CREATE ROLE only2u_notification LOGIN PASSWORD :'only2u_notification';
CREATE ROLE only2u_notification_owner LOGIN PASSWORD :'only2u_notification_owner';
GRANT only2u_notification_owner TO CURRENT_USER;
CREATE DATABASE only2u_notification OWNER only2u_notification_owner;
REVOKE ALL ON DATABASE only2u_notification FROM PUBLIC;
GRANT CONNECT ON DATABASE only2u_notification TO only2u_notification;
\getenv only2u_feedback FEEDBACK_DATABASE_PASSWORD
\getenv only2u_feedback_owner FEEDBACK_MIGRATION_DATABASE_PASSWORD
CREATE ROLE only2u_feedback LOGIN PASSWORD :'only2u_feedback';
CREATE ROLE only2u_feedback_owner LOGIN PASSWORD :'only2u_feedback_owner';
GRANT only2u_feedback_owner TO CURRENT_USER;
CREATE DATABASE only2u_feedback OWNER only2u_feedback_owner;
REVOKE ALL ON DATABASE only2u_feedback FROM PUBLIC;
GRANT CONNECT ON DATABASE only2u_feedback TO only2u_feedback;
\getenv only2u_wishlist WISHLIST_DATABASE_PASSWORD
\getenv only2u_wishlist_owner WISHLIST_MIGRATION_DATABASE_PASSWORD
CREATE ROLE only2u_wishlist LOGIN PASSWORD :'only2u_wishlist';
CREATE ROLE only2u_wishlist_owner LOGIN PASSWORD :'only2u_wishlist_owner';
GRANT only2u_wishlist_owner TO CURRENT_USER;
CREATE DATABASE only2u_wishlist OWNER only2u_wishlist_owner;
REVOKE ALL ON DATABASE only2u_wishlist FROM PUBLIC;
GRANT CONNECT ON DATABASE only2u_wishlist TO only2u_wishlist;
\getenv only2u_review REVIEW_DATABASE_PASSWORD
\getenv only2u_review_owner REVIEW_MIGRATION_DATABASE_PASSWORD
CREATE ROLE only2u_review LOGIN PASSWORD :'only2u_review';
CREATE ROLE only2u_review_owner LOGIN PASSWORD :'only2u_review_owner';
GRANT only2u_review_owner TO CURRENT_USER;
CREATE DATABASE only2u_review OWNER only2u_review_owner;
REVOKE ALL ON DATABASE only2u_review FROM PUBLIC;
GRANT CONNECT ON DATABASE only2u_review TO only2u_review;
\getenv only2u_referral REFERRAL_DATABASE_PASSWORD
\getenv only2u_referral_owner REFERRAL_MIGRATION_DATABASE_PASSWORD
CREATE ROLE only2u_referral LOGIN PASSWORD :'only2u_referral';
CREATE ROLE only2u_referral_owner LOGIN PASSWORD :'only2u_referral_owner';
GRANT only2u_referral_owner TO CURRENT_USER;
CREATE DATABASE only2u_referral OWNER only2u_referral_owner;
REVOKE ALL ON DATABASE only2u_referral FROM PUBLIC;
GRANT CONNECT ON DATABASE only2u_referral TO only2u_referral;
\getenv only2u_chat CHAT_DATABASE_PASSWORD
\getenv only2u_chat_owner CHAT_MIGRATION_DATABASE_PASSWORD
CREATE ROLE only2u_chat LOGIN PASSWORD :'only2u_chat';
CREATE ROLE only2u_chat_owner LOGIN PASSWORD :'only2u_chat_owner';
GRANT only2u_chat_owner TO CURRENT_USER;
CREATE DATABASE only2u_chat OWNER only2u_chat_owner;
REVOKE ALL ON DATABASE only2u_chat FROM PUBLIC;
GRANT CONNECT ON DATABASE only2u_chat TO only2u_chat;
\getenv only2u_storage STORAGE_DATABASE_PASSWORD
\getenv only2u_storage_owner STORAGE_MIGRATION_DATABASE_PASSWORD
CREATE ROLE only2u_storage LOGIN PASSWORD :'only2u_storage';
CREATE ROLE only2u_storage_owner LOGIN PASSWORD :'only2u_storage_owner';
GRANT only2u_storage_owner TO CURRENT_USER;
CREATE DATABASE only2u_storage OWNER only2u_storage_owner;
REVOKE ALL ON DATABASE only2u_storage FROM PUBLIC;
GRANT CONNECT ON DATABASE only2u_storage TO only2u_storage;
SQL
