"""Reads a table with DuckDB: prints what DuckDB says of its columns and groups, then each row as a line of JSON.

python3 read.py FILE
"""

import json
import sys

import duckdb

duckdb.read_parquet(sys.argv[1]).create_view("export")
columns = duckdb.sql("DESCRIBE export").fetchall()
groups = duckdb.execute("SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata(?) ORDER BY ALL", sys.argv[1:]).fetchall()
late = "SELECT count(*) FROM export WHERE timestamp >= (SELECT max(timestamp) FROM export) - INTERVAL 1 HOUR"
facts = {
    "columns": {name: kind for name, kind, *_ in columns},
    "groups": [rows for _, rows in groups],
    "lastHour": duckdb.sql(late).fetchall()[0][0],
}
print(json.dumps(facts))
# A time becomes a number, for which DuckDB needs no time zones of Python's.
rows = duckdb.sql('SELECT * REPLACE (epoch_ms(timestamp) AS timestamp) FROM export')
for row in rows.fetchall():
    print(json.dumps(dict(zip(rows.columns, row))))
