-- What names a visitor, to find it when the visitor is erased.
CREATE INDEX messages_by_visitor ON messages (website_id, json_extract(payload, '$.data.visitorId'))
  WHERE json_extract(payload, '$.data.visitorId') IS NOT NULL;
CREATE INDEX messages_by_transaction ON messages (website_id, json_extract(payload, '$.data.transactionId'))
  WHERE json_extract(payload, '$.data.transactionId') IS NOT NULL;
CREATE INDEX alert_history_by_visitor ON alert_history (website_id, visitor_id) WHERE visitor_id IS NOT NULL;
