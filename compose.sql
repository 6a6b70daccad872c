-- Run by compose.yaml's database when its volume is new: AriStay's own role, which owns its database
-- and is no superuser. That is enough for its tables, functions and triggers; it needs no extension.
\getenv password DATABASE_PASSWORD
CREATE ROLE aristay LOGIN PASSWORD :'password';
CREATE DATABASE aristay OWNER aristay;
REVOKE ALL ON DATABASE aristay FROM PUBLIC;
