namespace AdminPortal.Storage.Sqlite.Migrations
{
    /// <summary>
    /// What SQLite alone has: the text index of the list's search, and the index of tags, both kept by triggers, so that
    /// no way of writing an instance can forget them.
    /// </summary>
    internal static class InstanceIndexes
    {
        /// <summary>
        /// The rows of the table as it was before. Tags are folded by SQLite's own <c>lower</c>, which knows no accents:
        /// the portal folds them anew whenever it saves the row.
        /// </summary>
        public const string CarryOver =
            """
            INSERT INTO "Instances" ("Id", "PlatformAccountId", "PlatformId", "ElementKey", "Name", "NameKey", "Tags", "PortalTag", "AccountServer", "ServerKey",
                "SearchKey", "Token", "State", "HasLegacyKey", "AttemptId", "CreatedAt", "LastCheckedAt", "Version")
            SELECT "Id", "PlatformAccountId", "PlatformId", "ElementKey", "Name", "NameKey", "Tags", "PortalTag", "AccountServer", lower(coalesce("AccountServer", '')),
                "NameKey" || char(10) || coalesce((SELECT group_concat(lower(value), char(10)) || char(10) FROM json_each("Tags")), '')
                    || lower(coalesce("AccountServer", '')) || char(10) || "PlatformId",
                "Token", "State", "ElementKey" IN ('infusionsoftcrm', 'infusionsoftmarketing', 'infusionsofterp'), "AttemptId", "CreatedAt", "LastCheckedAt", "Version"
            FROM "InstancesBefore" ORDER BY "CreatedAt", "Id";
            """;

        /// <summary>The two indexes, what is there already, and the triggers.</summary>
        public static readonly string[] Create =
        [
            // The text is folded before it is stored, so the index compares letter by letter. It keeps no copy of the text.
            """
            CREATE VIRTUAL TABLE "InstanceText" USING fts5("SearchKey", content='Instances', content_rowid='Number', tokenize='trigram case_sensitive 1', detail='full');
            """,
            """
            CREATE TABLE "InstanceTags" ("Tag" TEXT NOT NULL, "InstanceNumber" INTEGER NOT NULL, PRIMARY KEY ("Tag", "InstanceNumber")) WITHOUT ROWID;
            """,
            """
            INSERT INTO "InstanceText"("InstanceText") VALUES ('rebuild');
            """,
            """
            INSERT OR IGNORE INTO "InstanceTags" ("Tag", "InstanceNumber") SELECT value, "Number" FROM "Instances", json_each("Instances"."Tags");
            """,
            """
            CREATE TRIGGER "InstanceInserted" AFTER INSERT ON "Instances" BEGIN
                INSERT INTO "InstanceText"(rowid, "SearchKey") VALUES (new."Number", new."SearchKey");
                INSERT OR IGNORE INTO "InstanceTags" ("Tag", "InstanceNumber") SELECT value, new."Number" FROM json_each(new."Tags");
            END;
            """,
            """
            CREATE TRIGGER "InstanceDeleted" AFTER DELETE ON "Instances" BEGIN
                INSERT INTO "InstanceText"("InstanceText", rowid, "SearchKey") VALUES ('delete', old."Number", old."SearchKey");
                DELETE FROM "InstanceTags" WHERE "InstanceNumber" = old."Number" AND "Tag" IN (SELECT value FROM json_each(old."Tags"));
            END;
            """,
            """
            CREATE TRIGGER "InstanceDescribed" AFTER UPDATE OF "SearchKey" ON "Instances" WHEN old."SearchKey" <> new."SearchKey" BEGIN
                INSERT INTO "InstanceText"("InstanceText", rowid, "SearchKey") VALUES ('delete', old."Number", old."SearchKey");
                INSERT INTO "InstanceText"(rowid, "SearchKey") VALUES (new."Number", new."SearchKey");
            END;
            """,
            """
            CREATE TRIGGER "InstanceTagged" AFTER UPDATE OF "Tags" ON "Instances" WHEN old."Tags" <> new."Tags" BEGIN
                DELETE FROM "InstanceTags" WHERE "InstanceNumber" = old."Number" AND "Tag" IN (SELECT value FROM json_each(old."Tags"));
                INSERT OR IGNORE INTO "InstanceTags" ("Tag", "InstanceNumber") SELECT value, new."Number" FROM json_each(new."Tags");
            END;
            """,
        ];

        /// <summary>The triggers anew: tags that are damaged count as none, so that their row can still be mended and deleted.</summary>
        public static readonly string[] Tolerate =
        [
            """
            DROP TRIGGER "InstanceDeleted";
            """,
            """
            DROP TRIGGER "InstanceTagged";
            """,
            """
            CREATE TRIGGER "InstanceDeleted" AFTER DELETE ON "Instances" BEGIN
                INSERT INTO "InstanceText"("InstanceText", rowid, "SearchKey") VALUES ('delete', old."Number", old."SearchKey");
                DELETE FROM "InstanceTags" WHERE "InstanceNumber" = old."Number"
                    AND (NOT json_valid(old."Tags") OR "Tag" IN (SELECT value FROM json_each(CASE WHEN json_valid(old."Tags") THEN old."Tags" ELSE '[]' END)));
            END;
            """,
            """
            CREATE TRIGGER "InstanceTagged" AFTER UPDATE OF "Tags" ON "Instances" WHEN old."Tags" <> new."Tags" BEGIN
                DELETE FROM "InstanceTags" WHERE "InstanceNumber" = old."Number"
                    AND (NOT json_valid(old."Tags") OR "Tag" IN (SELECT value FROM json_each(CASE WHEN json_valid(old."Tags") THEN old."Tags" ELSE '[]' END)));
                INSERT OR IGNORE INTO "InstanceTags" ("Tag", "InstanceNumber")
                    SELECT value, new."Number" FROM json_each(CASE WHEN json_valid(new."Tags") THEN new."Tags" ELSE '[]' END);
            END;
            """,
        ];
    }
}
