-- How full the website's object is: `nearlyFull` or `full`, null where there is room.
ALTER TABLE websites ADD COLUMN store_fill TEXT;
CREATE INDEX websites_filled ON websites (store_fill) WHERE store_fill IS NOT NULL;
