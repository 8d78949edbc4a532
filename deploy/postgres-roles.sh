#!/usr/bin/env bash
# Runs once, when the PostgreSQL container makes its database. Two roles, neither a superuser: leadflow_owner owns
# the tables and migrates; leadflow_app, which the pages and jobs use, cannot switch off the triggers of the history.
set -euo pipefail
psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  --set=owner_password="$DATABASE_OWNER_PASSWORD" --set=app_password="$DATABASE_APP_PASSWORD" << 'SQL'
CREATE ROLE leadflow_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE leadflow_app LOGIN PASSWORD :'app_password';
CREATE DATABASE leadflow OWNER leadflow_owner;
-- For disks without a moving arm: the planner then takes the index of a search instead of reading all words.
ALTER DATABASE leadflow SET random_page_cost = 1.1;
\connect leadflow
ALTER DEFAULT PRIVILEGES FOR ROLE leadflow_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO leadflow_app;
ALTER DEFAULT PRIVILEGES FOR ROLE leadflow_owner IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO leadflow_app;
SQL
