-- One row of the tables that 0002 made. Never edited once a release has had that version.
INSERT INTO goal_customizations VALUES
  ('0000000000000000000000d1', 'signup', 'Signed up', '#ef4444', NULL, 1779321600000);
