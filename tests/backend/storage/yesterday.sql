-- The schema of migration 0001 with one show in it. Never edit: it is what an earlier version left behind.
BEGIN TRANSACTION;
CREATE TABLE "accounts" (
    "id" VARCHAR(64) NOT NULL  PRIMARY KEY,
    "display_name" VARCHAR(200) NOT NULL,
    "role" VARCHAR(20) NOT NULL  /* GUEST: guest\nVIEWER: viewer\nSELLER: seller\nAFFILIATE: affiliate\nMODERATOR: moderator\nOPS: ops\nADMIN: admin */,
    "created_at" TIMESTAMP NOT NULL
);
CREATE TABLE "affiliates" (
    "id" VARCHAR(64) NOT NULL  PRIMARY KEY,
    "name" VARCHAR(200) NOT NULL,
    "username" VARCHAR(64) NOT NULL UNIQUE,
    "display_name" VARCHAR(200) NOT NULL,
    "profile_image" VARCHAR(2000),
    "status" VARCHAR(20) NOT NULL  /* PENDING: pending\nAPPROVED: approved\nSUSPENDED: suspended */,
    "commission_rate" INT NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "updated_at" TIMESTAMP NOT NULL
);
INSERT INTO "affiliates" VALUES('affiliate_456','Alex Example','alex','Alex',NULL,'approved',750,'2026-11-22 11:05:36.853656+00:00','2026-11-22 11:05:36.853656+00:00');
CREATE TABLE "live_stream_messages" (
    "id" VARCHAR(64) NOT NULL  PRIMARY KEY,
    "seq" BIGINT NOT NULL,
    "author_id" VARCHAR(64) NOT NULL,
    "is_guest" INT NOT NULL,
    "username" VARCHAR(200) NOT NULL,
    "badge" VARCHAR(20)   /* SELLER: seller\nAFFILIATE: affiliate\nMODERATOR: moderator\nVIP: vip */,
    "message" TEXT NOT NULL,
    "sent_at" TIMESTAMP NOT NULL,
    "deleted_at" TIMESTAMP,
    "deleted_by" VARCHAR(64),
    "stream_id" VARCHAR(64) NOT NULL REFERENCES "live_streams" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_live_stream_stream__c492f5" UNIQUE ("stream_id", "seq")
);
CREATE TABLE "live_stream_products" (
    "id" VARCHAR(64) NOT NULL  PRIMARY KEY,
    "special_price_minor" BIGINT,
    "is_active" INT NOT NULL,
    "is_highlighted" INT NOT NULL DEFAULT 0,
    "highlighted_at" TIMESTAMP,
    "position" INT NOT NULL,
    "added_at" TIMESTAMP NOT NULL,
    "product_id" VARCHAR(64) NOT NULL REFERENCES "products" ("id") ON DELETE RESTRICT,
    "stream_id" VARCHAR(64) NOT NULL REFERENCES "live_streams" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_live_stream_stream__dfcaa7" UNIQUE ("stream_id", "product_id")
);
INSERT INTO "live_stream_products" VALUES('01a202ee-d75a-758a-ac7c-93d20fcde93e',NULL,1,0,NULL,0,'2026-11-22 11:05:36.858221+00:00','product_456','stream_789');
CREATE TABLE "live_stream_viewers" (
    "id" VARCHAR(64) NOT NULL  PRIMARY KEY,
    "viewer_id" VARCHAR(64) NOT NULL,
    "joined_at" TIMESTAMP NOT NULL,
    "last_seen_at" TIMESTAMP NOT NULL,
    "left_at" TIMESTAMP,
    "stream_id" VARCHAR(64) NOT NULL REFERENCES "live_streams" ("id") ON DELETE RESTRICT
);
CREATE TABLE "live_streams" (
    "id" VARCHAR(64) NOT NULL  PRIMARY KEY,
    "seq" BIGINT NOT NULL DEFAULT 0,
    "title" VARCHAR(200) NOT NULL,
    "description" TEXT,
    "status" VARCHAR(20) NOT NULL  /* SCHEDULED: scheduled\nLIVE: live\nENDED: ended\nCANCELLED: cancelled */,
    "host_type" VARCHAR(20) NOT NULL  /* SELLER: seller\nAFFILIATE: affiliate */,
    "stream_key" VARCHAR(64) NOT NULL UNIQUE,
    "playback_id" VARCHAR(64) NOT NULL UNIQUE,
    "category" VARCHAR(60),
    "tags" JSON NOT NULL,
    "thumbnail_url" VARCHAR(2000),
    "peak_viewers" INT NOT NULL DEFAULT 0,
    "had_ingest" INT NOT NULL DEFAULT 0,
    "ingest_lost_at" TIMESTAMP,
    "scheduled_at" TIMESTAMP,
    "started_at" TIMESTAMP,
    "ended_at" TIMESTAMP,
    "created_at" TIMESTAMP NOT NULL,
    "updated_at" TIMESTAMP NOT NULL,
    "affiliate_id" VARCHAR(64) REFERENCES "affiliates" ("id") ON DELETE RESTRICT,
    "seller_id" VARCHAR(64) NOT NULL REFERENCES "sellers" ("id") ON DELETE RESTRICT
);
INSERT INTO "live_streams" VALUES('stream_789',0,'Yesterday''s show','Latest gadget reviews','scheduled','affiliate','6f1ed002-ab55-4a51-8d9b-8a1d8a2b0c11','yesterday',NULL,'[]',NULL,0,0,NULL,NULL,NULL,NULL,'2026-11-22 11:05:36.858221+00:00','2026-11-22 11:05:36.858221+00:00','affiliate_456','seller_123');
CREATE TABLE "products" (
    "id" VARCHAR(64) NOT NULL  PRIMARY KEY,
    "name" VARCHAR(200) NOT NULL,
    "description" TEXT,
    "price_minor" BIGINT NOT NULL,
    "currency" VARCHAR(3) NOT NULL,
    "stock" BIGINT NOT NULL,
    "images" JSON NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "updated_at" TIMESTAMP NOT NULL,
    "seller_id" VARCHAR(64) NOT NULL REFERENCES "sellers" ("id") ON DELETE RESTRICT
);
INSERT INTO "products" VALUES('product_456','Noise-cancelling headphones',NULL,20000,'USD',100,'[]','2026-11-22 11:05:36.853656+00:00','2026-11-22 11:05:36.853656+00:00','seller_123');
CREATE TABLE "sellers" (
    "id" VARCHAR(64) NOT NULL  PRIMARY KEY,
    "business_name" VARCHAR(200) NOT NULL,
    "logo" VARCHAR(2000),
    "currency" VARCHAR(3) NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "updated_at" TIMESTAMP NOT NULL
);
INSERT INTO "sellers" VALUES('seller_123','Example Store',NULL,'USD','2026-11-22 11:05:36.853656+00:00','2026-11-22 11:05:36.853656+00:00');
CREATE TABLE "tortoise_migrations" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "app" VARCHAR(255) NOT NULL,
    "name" VARCHAR(255) NOT NULL,
    "applied_at" TIMESTAMP NOT NULL,
    CONSTRAINT "uid_tortoise_mi_app_3803a5" UNIQUE ("app", "name")
);
INSERT INTO "tortoise_migrations" VALUES(1,'shop','0001_initial','2026-11-22 11:05:36.837369+00:00');
CREATE INDEX "idx_live_stream_status_b8a456" ON "live_streams" ("status", "id");
CREATE INDEX "idx_live_stream_seller__b76244" ON "live_streams" ("seller_id", "id");
CREATE INDEX "idx_live_stream_affilia_f83810" ON "live_streams" ("affiliate_id", "id");
CREATE INDEX "idx_live_stream_stream__68dc65" ON "live_stream_messages" ("stream_id", "sent_at");
CREATE INDEX "idx_live_stream_stream__ab76be" ON "live_stream_viewers" ("stream_id", "viewer_id");
CREATE INDEX "idx_live_stream_left_at_3a87d3" ON "live_stream_viewers" ("left_at");
CREATE INDEX "idx_products_seller__cf1bba" ON "products" ("seller_id", "id");
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('tortoise_migrations',1);
COMMIT;
