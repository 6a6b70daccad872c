from django.db import migrations

CREATE = (
    "CREATE TABLE modernize_audit_secret"
    " (id smallint PRIMARY KEY CHECK (id = 1), secret bytea NOT NULL)",
    # The database's own random bytes, so that the key stands in no statement and in no log.
    "INSERT INTO modernize_audit_secret VALUES"
    " (1, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())))",
)

FIND_GRANTEES = """
SELECT DISTINCT coalesce(quote_ident(r.rolname), 'PUBLIC') FROM pg_class c
CROSS JOIN LATERAL aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE c.oid = to_regclass('modernize_audit_secret') AND a.grantee <> c.relowner
"""


def make_secret(apps, schema_editor):
    """Make the key of hashed values, for the owner alone. SQLite cannot hash in SQL."""
    if schema_editor.connection.vendor != "postgresql":
        return
    for statement in CREATE:
        schema_editor.execute(statement)
    with schema_editor.connection.cursor() as cursor:
        # A database may be set to open every new table to some role.
        cursor.execute(FIND_GRANTEES)
        for (grantee,) in cursor.fetchall():
            schema_editor.execute(f"REVOKE ALL ON modernize_audit_secret FROM {grantee}")


def remove_secret(apps, schema_editor):
    """Remove the key: hashes made with another one tell nothing of those made with this."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TABLE modernize_audit_secret")


class Migration(migrations.Migration):
    dependencies = [("modernize_audit", "0002_seal")]

    operations = [migrations.RunPython(make_secret, remove_secret)]
