using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AdminPortal.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class AttemptFenceAndProofOfAbsence : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "LeftOut",
                table: "SyncRuns",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "Readings",
                table: "SyncRuns",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "Unproved",
                table: "SyncRuns",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "StartedAt",
                table: "JobItems",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Fence",
                table: "Attempts",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            // The platform is searched again for a day after an attempt has ended without an instance. Times are ticks since the year 1.
            migrationBuilder.Sql(
                """
                UPDATE "Attempts" SET "NextAt" = "CompletedAt", "Version" = "Version" + 1
                WHERE "State" = 'Failed' AND "NextAt" IS NULL AND "TargetInstanceId" IS NULL AND "Ending" LIKE '%"NothingCreated"%'
                    AND "CompletedAt" > (unixepoch() - 86400 + 62135596800) * 10000000
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "LeftOut",
                table: "SyncRuns");

            migrationBuilder.DropColumn(
                name: "Readings",
                table: "SyncRuns");

            migrationBuilder.DropColumn(
                name: "Unproved",
                table: "SyncRuns");

            migrationBuilder.DropColumn(
                name: "StartedAt",
                table: "JobItems");

            migrationBuilder.DropColumn(
                name: "Fence",
                table: "Attempts");
        }
    }
}
