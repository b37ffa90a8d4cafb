namespace AdminPortal.Storage.Sqlite.Migrations
{
    /// <summary>
    /// What SQLite alone has for the activity record: triggers that let lines in and nothing out, and the index of names,
    /// which takes capitals and small letters for the same.
    /// </summary>
    /// <remarks>
    /// Triggers keep programs from altering the record by mistake. They keep nobody from it who has the file: that is what
    /// the chain is for. Whoever rebuilds the table in a later migration has to make them anew.
    /// </remarks>
    internal static class ActivityGuards
    {
        public static readonly string[] Create =
        [
            """
            CREATE INDEX "IX_Activity_BySubject" ON "Activity" ("Subject" COLLATE NOCASE, "At", "Id");
            """,
            // A line without a hash is not in the chain; one in another's place would remove that one without a word.
            """
            CREATE TRIGGER "ActivityTied" BEFORE INSERT ON "Activity"
            WHEN length(new."Hash") <> 32 OR EXISTS (SELECT 1 FROM "Activity" WHERE "Id" = new."Id") BEGIN
                SELECT RAISE(ABORT, 'The activity record takes new lines only, each with its hash.');
            END;
            """,
            // Older lines are given their hash, once.
            """
            CREATE TRIGGER "ActivityUnchanged" BEFORE UPDATE ON "Activity"
            WHEN length(old."Hash") <> 0 OR length(new."Hash") <> 32 OR old."Id" IS NOT new."Id" OR old."At" IS NOT new."At" OR old."PersonId" IS NOT new."PersonId"
                OR old."PersonName" IS NOT new."PersonName" OR old."Action" IS NOT new."Action" OR old."Succeeded" IS NOT new."Succeeded"
                OR old."InstanceId" IS NOT new."InstanceId" OR old."JobId" IS NOT new."JobId" OR old."PlatformAccountId" IS NOT new."PlatformAccountId"
                OR old."Subject" IS NOT new."Subject" OR old."Detail" IS NOT new."Detail" OR old."From" IS NOT new."From"
                OR old."ProviderAppId" IS NOT new."ProviderAppId" OR old."AttemptId" IS NOT new."AttemptId" OR old."Changes" IS NOT new."Changes" BEGIN
                SELECT RAISE(ABORT, 'The activity record is never changed.');
            END;
            """,
            // Retention exports lines, moves the beginning of the record behind them, and says so in it; then they may go.
            """
            CREATE TRIGGER "ActivityKept" BEFORE DELETE ON "Activity"
            WHEN old."Id" > coalesce((SELECT "RemovedId" FROM "ActivityHead" WHERE "Id" = 1), 0) BEGIN
                SELECT RAISE(ABORT, 'The activity record is kept.');
            END;
            """,
        ];

        public static readonly string[] Drop =
        [
            """
            DROP TRIGGER "ActivityKept";
            """,
            """
            DROP TRIGGER "ActivityUnchanged";
            """,
            """
            DROP TRIGGER "ActivityTied";
            """,
            """
            DROP INDEX "IX_Activity_BySubject";
            """,
        ];
    }
}
