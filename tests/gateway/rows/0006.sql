-- One row of the table that 0006 made. Never edited once a release has had that version.
INSERT INTO invitation_sends VALUES
  ('000000000000000000000041', '0000000000000000000000a1', 'guest@example.com', 1, 1779321600000);
