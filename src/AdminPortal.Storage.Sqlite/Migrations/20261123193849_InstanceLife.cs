using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AdminPortal.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class InstanceLife : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // The instances get a number of their own as the key: what SQLite's text index knows a row by, and the last word in
            // every order of the list. SQLite cannot change a key in place, so the table is made anew.
            migrationBuilder.DropIndex(name: "IX_Instances_CreatedAt_Id", table: "Instances");
            migrationBuilder.DropIndex(name: "IX_Instances_NameKey_Id", table: "Instances");
            migrationBuilder.DropIndex(name: "IX_Instances_PlatformAccountId_PlatformId", table: "Instances");
            migrationBuilder.RenameTable(name: "Instances", newName: "InstancesBefore");
            migrationBuilder.CreateTable(
                name: "Instances",
                columns: table => new
                {
                    Number = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    PlatformAccountId = table.Column<Guid>(type: "TEXT", nullable: false),
                    PlatformId = table.Column<long>(type: "INTEGER", nullable: false),
                    ElementKey = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    Name = table.Column<string>(type: "TEXT", maxLength: 255, nullable: false),
                    NameKey = table.Column<string>(type: "TEXT", maxLength: 510, nullable: false),
                    Tags = table.Column<string>(type: "TEXT", nullable: false),
                    PortalTag = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    AccountServer = table.Column<string>(type: "TEXT", maxLength: 255, nullable: true),
                    ServerKey = table.Column<string>(type: "TEXT", maxLength: 255, nullable: false),
                    SearchKey = table.Column<string>(type: "TEXT", maxLength: 4000, nullable: false),
                    Token = table.Column<string>(type: "TEXT", maxLength: 8000, nullable: false),
                    State = table.Column<string>(type: "TEXT", maxLength: 30, nullable: false),
                    Attention = table.Column<string>(type: "TEXT", maxLength: 30, nullable: true),
                    AttentionMessage = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: true),
                    HasLegacyKey = table.Column<bool>(type: "INTEGER", nullable: false),
                    RefreshedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    RefreshIntervalSeconds = table.Column<long>(type: "INTEGER", nullable: true),
                    ProviderAppId = table.Column<Guid>(type: "TEXT", nullable: true),
                    AttemptId = table.Column<Guid>(type: "TEXT", nullable: true),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    LastCheckedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    CheckDueAt = table.Column<long>(type: "INTEGER", nullable: true),
                    TraceUntil = table.Column<long>(type: "INTEGER", nullable: true),
                    Version = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Instances", x => x.Number);
                    table.ForeignKey(
                        name: "FK_Instances_Accounts_PlatformAccountId",
                        column: x => x.PlatformAccountId,
                        principalTable: "Accounts",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });
            migrationBuilder.Sql(InstanceIndexes.CarryOver);
            migrationBuilder.DropTable(name: "InstancesBefore");
            migrationBuilder.CreateIndex(
                name: "IX_Instances_PlatformAccountId_PlatformId",
                table: "Instances",
                columns: ["PlatformAccountId", "PlatformId"],
                unique: true);

            migrationBuilder.AddColumn<Guid>(
                name: "ReplacesInstanceId",
                table: "Attempts",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "TargetInstanceId",
                table: "Attempts",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "CheckEveryMinutes",
                table: "Accounts",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "Activity",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    At = table.Column<long>(type: "INTEGER", nullable: false),
                    PersonId = table.Column<Guid>(type: "TEXT", nullable: true),
                    PersonName = table.Column<string>(type: "TEXT", maxLength: 255, nullable: true),
                    Action = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    Succeeded = table.Column<bool>(type: "INTEGER", nullable: false),
                    InstanceId = table.Column<Guid>(type: "TEXT", nullable: true),
                    JobId = table.Column<Guid>(type: "TEXT", nullable: true),
                    PlatformAccountId = table.Column<Guid>(type: "TEXT", nullable: true),
                    Subject = table.Column<string>(type: "TEXT", maxLength: 255, nullable: false),
                    Detail = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Activity", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "CalendarFeeds",
                columns: table => new
                {
                    PersonId = table.Column<Guid>(type: "TEXT", nullable: false),
                    SecretHash = table.Column<byte[]>(type: "BLOB", maxLength: 32, nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    LastReadAt = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_CalendarFeeds", x => x.PersonId);
                });

            migrationBuilder.CreateTable(
                name: "Drift",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    PlatformAccountId = table.Column<Guid>(type: "TEXT", nullable: false),
                    RunId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Kind = table.Column<string>(type: "TEXT", maxLength: 30, nullable: false),
                    PlatformId = table.Column<long>(type: "INTEGER", nullable: false),
                    Name = table.Column<string>(type: "TEXT", maxLength: 255, nullable: false),
                    ElementKey = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    Fields = table.Column<string>(type: "TEXT", nullable: false),
                    Fingerprint = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Ignored = table.Column<bool>(type: "INTEGER", nullable: false),
                    Version = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Drift", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Drift_Accounts_PlatformAccountId",
                        column: x => x.PlatformAccountId,
                        principalTable: "Accounts",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "InstanceChecks",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    InstanceNumber = table.Column<long>(type: "INTEGER", nullable: false),
                    At = table.Column<long>(type: "INTEGER", nullable: false),
                    Outcome = table.Column<string>(type: "TEXT", maxLength: 30, nullable: false),
                    Milliseconds = table.Column<int>(type: "INTEGER", nullable: false),
                    Message = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: true),
                    RequestId = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    Scheduled = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_InstanceChecks", x => x.Id);
                    table.ForeignKey(
                        name: "FK_InstanceChecks_Instances_InstanceNumber",
                        column: x => x.InstanceNumber,
                        principalTable: "Instances",
                        principalColumn: "Number",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "Jobs",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    Kind = table.Column<string>(type: "TEXT", maxLength: 30, nullable: false),
                    State = table.Column<string>(type: "TEXT", maxLength: 30, nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    PersonId = table.Column<Guid>(type: "TEXT", nullable: true),
                    PersonName = table.Column<string>(type: "TEXT", maxLength: 255, nullable: true),
                    Tags = table.Column<string>(type: "TEXT", nullable: false),
                    Total = table.Column<int>(type: "INTEGER", nullable: false),
                    Succeeded = table.Column<int>(type: "INTEGER", nullable: false),
                    Failed = table.Column<int>(type: "INTEGER", nullable: false),
                    Skipped = table.Column<int>(type: "INTEGER", nullable: false),
                    EndedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    ClaimedBy = table.Column<Guid>(type: "TEXT", nullable: true),
                    LeaseUntil = table.Column<long>(type: "INTEGER", nullable: true),
                    Version = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Jobs", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "SavedViews",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    PersonId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Name = table.Column<string>(type: "TEXT", maxLength: 60, nullable: false),
                    Query = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: false),
                    IsDefault = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SavedViews", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "SyncRuns",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    PlatformAccountId = table.Column<Guid>(type: "TEXT", nullable: false),
                    State = table.Column<string>(type: "TEXT", maxLength: 30, nullable: false),
                    AllElements = table.Column<bool>(type: "INTEGER", nullable: false),
                    StartedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    EndedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    PersonId = table.Column<Guid>(type: "TEXT", nullable: true),
                    PersonName = table.Column<string>(type: "TEXT", maxLength: 255, nullable: true),
                    NextPage = table.Column<string>(type: "TEXT", maxLength: 500, nullable: true),
                    Pages = table.Column<int>(type: "INTEGER", nullable: false),
                    Seen = table.Column<int>(type: "INTEGER", nullable: false),
                    Counted = table.Column<int>(type: "INTEGER", nullable: true),
                    Message = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: true),
                    ClaimedBy = table.Column<Guid>(type: "TEXT", nullable: true),
                    LeaseUntil = table.Column<long>(type: "INTEGER", nullable: true),
                    Version = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SyncRuns", x => x.Id);
                    table.ForeignKey(
                        name: "FK_SyncRuns_Accounts_PlatformAccountId",
                        column: x => x.PlatformAccountId,
                        principalTable: "Accounts",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "JobItems",
                columns: table => new
                {
                    JobId = table.Column<Guid>(type: "TEXT", nullable: false),
                    InstanceNumber = table.Column<long>(type: "INTEGER", nullable: false),
                    InstanceId = table.Column<Guid>(type: "TEXT", nullable: false),
                    InstanceName = table.Column<string>(type: "TEXT", maxLength: 255, nullable: false),
                    State = table.Column<string>(type: "TEXT", maxLength: 30, nullable: false),
                    Message = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: true),
                    DoneAt = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_JobItems", x => new { x.JobId, x.InstanceNumber });
                    table.ForeignKey(
                        name: "FK_JobItems_Jobs_JobId",
                        column: x => x.JobId,
                        principalTable: "Jobs",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "SyncRows",
                columns: table => new
                {
                    RunId = table.Column<Guid>(type: "TEXT", nullable: false),
                    PlatformId = table.Column<long>(type: "INTEGER", nullable: false),
                    InstanceId = table.Column<Guid>(type: "TEXT", nullable: false),
                    ElementKey = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    Name = table.Column<string>(type: "TEXT", maxLength: 255, nullable: false),
                    Tags = table.Column<string>(type: "TEXT", nullable: true),
                    PortalTag = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    AccountServer = table.Column<string>(type: "TEXT", maxLength: 255, nullable: true),
                    Token = table.Column<string>(type: "TEXT", maxLength: 8000, nullable: true),
                    State = table.Column<string>(type: "TEXT", maxLength: 30, nullable: false),
                    HasLegacyKey = table.Column<bool>(type: "INTEGER", nullable: false),
                    RefreshedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    RefreshIntervalSeconds = table.Column<long>(type: "INTEGER", nullable: true),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    KnownVersion = table.Column<int>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SyncRows", x => new { x.RunId, x.PlatformId });
                    table.ForeignKey(
                        name: "FK_SyncRows_SyncRuns_RunId",
                        column: x => x.RunId,
                        principalTable: "SyncRuns",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Instances_ByName",
                table: "Instances",
                columns: new[] { "NameKey", "Number", "State", "ElementKey", "PlatformAccountId", "HasLegacyKey" });

            migrationBuilder.CreateIndex(
                name: "IX_Instances_ByElement",
                table: "Instances",
                columns: new[] { "ElementKey", "Number", "State", "PlatformAccountId", "HasLegacyKey" });

            migrationBuilder.CreateIndex(
                name: "IX_Instances_ByServer",
                table: "Instances",
                columns: new[] { "ServerKey", "Number", "State", "ElementKey", "PlatformAccountId", "HasLegacyKey" });

            migrationBuilder.CreateIndex(
                name: "IX_Instances_ByState",
                table: "Instances",
                columns: new[] { "State", "Number", "ElementKey", "PlatformAccountId", "HasLegacyKey" });

            migrationBuilder.CreateIndex(
                name: "IX_Instances_ByAccount",
                table: "Instances",
                columns: new[] { "PlatformAccountId", "Number", "State", "ElementKey", "HasLegacyKey" });

            migrationBuilder.CreateIndex(
                name: "IX_Instances_ByChecked",
                table: "Instances",
                columns: new[] { "LastCheckedAt", "Number", "State", "ElementKey", "PlatformAccountId", "HasLegacyKey" });

            migrationBuilder.CreateIndex(
                name: "IX_Instances_ByCreated",
                table: "Instances",
                columns: new[] { "CreatedAt", "Number", "State", "ElementKey", "PlatformAccountId", "HasLegacyKey" });

            migrationBuilder.CreateIndex(
                name: "IX_Instances_State_ElementKey_PlatformAccountId",
                table: "Instances",
                columns: new[] { "State", "ElementKey", "PlatformAccountId" });

            migrationBuilder.CreateIndex(
                name: "IX_Instances_PlatformAccountId_State_ElementKey",
                table: "Instances",
                columns: new[] { "PlatformAccountId", "State", "ElementKey" });

            migrationBuilder.CreateIndex(
                name: "IX_Instances_LegacyKey",
                table: "Instances",
                column: "Number",
                filter: "HasLegacyKey");

            migrationBuilder.CreateIndex(
                name: "IX_Instances_Id",
                table: "Instances",
                column: "Id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Instances_PlatformAccountId_CheckDueAt",
                table: "Instances",
                columns: new[] { "PlatformAccountId", "CheckDueAt" });

            migrationBuilder.CreateIndex(
                name: "IX_Instances_RefreshedAt",
                table: "Instances",
                column: "RefreshedAt");

            migrationBuilder.CreateIndex(
                name: "IX_Activity_Action_Id",
                table: "Activity",
                columns: new[] { "Action", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Activity_InstanceId_Id",
                table: "Activity",
                columns: new[] { "InstanceId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Attempts_OpenMove",
                table: "Attempts",
                column: "ReplacesInstanceId",
                unique: true,
                filter: "ReplacesInstanceId IS NOT NULL AND State IN ('Draft', 'AwaitingConsent')");

            migrationBuilder.CreateIndex(
                name: "IX_Attempts_OpenTarget",
                table: "Attempts",
                column: "TargetInstanceId",
                unique: true,
                filter: "TargetInstanceId IS NOT NULL AND State IN ('Draft', 'AwaitingConsent')");

            migrationBuilder.CreateIndex(
                name: "IX_Attempts_ReplacesInstanceId",
                table: "Attempts",
                column: "ReplacesInstanceId",
                filter: "ReplacesInstanceId IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Activity_Overview",
                table: "Activity",
                column: "Id",
                filter: "\"JobId\" IS NULL OR \"InstanceId\" IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_CalendarFeeds_SecretHash",
                table: "CalendarFeeds",
                column: "SecretHash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Drift_PlatformAccountId_Ignored_Kind_PlatformId",
                table: "Drift",
                columns: new[] { "PlatformAccountId", "Ignored", "Kind", "PlatformId" });

            migrationBuilder.CreateIndex(
                name: "IX_Drift_PlatformAccountId_PlatformId",
                table: "Drift",
                columns: new[] { "PlatformAccountId", "PlatformId" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_InstanceChecks_InstanceNumber",
                table: "InstanceChecks",
                column: "InstanceNumber");

            migrationBuilder.CreateIndex(
                name: "IX_JobItems_JobId_State_InstanceNumber",
                table: "JobItems",
                columns: new[] { "JobId", "State", "InstanceNumber" });

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_State",
                table: "Jobs",
                column: "State");

            migrationBuilder.CreateIndex(
                name: "IX_SavedViews_PersonId_Name",
                table: "SavedViews",
                columns: new[] { "PersonId", "Name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_SyncRuns_PlatformAccountId_StartedAt",
                table: "SyncRuns",
                columns: new[] { "PlatformAccountId", "StartedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_SyncRuns_Running",
                table: "SyncRuns",
                column: "PlatformAccountId",
                unique: true,
                filter: "State = 'Running'");

            foreach (var statement in InstanceIndexes.Create) migrationBuilder.Sql(statement);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            throw new NotSupportedException("The database cannot go back to before this step: restore a backup that was made before it.");
    }
}
