using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AdminPortal.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class AttemptCare : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "ExpectedServer",
                table: "Attempts",
                type: "TEXT",
                maxLength: 255,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "SearchedInstances",
                table: "Attempts",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "SearchedPages",
                table: "Attempts",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "Verifications",
                table: "Attempts",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "VerifiedAt",
                table: "Attempts",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "DurationMilliseconds",
                table: "AttemptHistory",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Received",
                table: "AttemptHistory",
                type: "TEXT",
                maxLength: 8000,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "RequestId",
                table: "AttemptHistory",
                type: "TEXT",
                maxLength: 100,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Sent",
                table: "AttemptHistory",
                type: "TEXT",
                maxLength: 8000,
                nullable: true);

            migrationBuilder.CreateTable(
                name: "Orphans",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    AttemptId = table.Column<Guid>(type: "TEXT", nullable: false),
                    PlatformAccountId = table.Column<Guid>(type: "TEXT", nullable: false),
                    PlatformId = table.Column<long>(type: "INTEGER", nullable: false),
                    Name = table.Column<string>(type: "TEXT", maxLength: 255, nullable: true),
                    FoundAt = table.Column<long>(type: "INTEGER", nullable: false),
                    RemovedAt = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Orphans", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Orphans_Attempts_AttemptId",
                        column: x => x.AttemptId,
                        principalTable: "Attempts",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Orphans_AttemptId",
                table: "Orphans",
                column: "AttemptId");

            migrationBuilder.CreateIndex(
                name: "IX_Orphans_PlatformAccountId_PlatformId",
                table: "Orphans",
                columns: new[] { "PlatformAccountId", "PlatformId" },
                unique: true);

            // What was created before has been in the care of the background's checks since.
            migrationBuilder.Sql("UPDATE Attempts SET VerifiedAt = CompletedAt WHERE State = 'Active'");

            // When the worker has to see to an attempt stands in one column now.
            migrationBuilder.Sql("UPDATE Attempts SET NextAt = ConsentExpiresAt WHERE State = 'AwaitingConsent'");
            migrationBuilder.Sql("UPDATE Attempts SET NextAt = LeaseUntil WHERE State = 'Provisioning'");
            migrationBuilder.Sql("UPDATE Attempts SET NextAt = UpdatedAt WHERE State IN ('CodeReceived', 'Ambiguous') AND NextAt IS NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Orphans");

            migrationBuilder.DropColumn(
                name: "ExpectedServer",
                table: "Attempts");

            migrationBuilder.DropColumn(
                name: "SearchedInstances",
                table: "Attempts");

            migrationBuilder.DropColumn(
                name: "SearchedPages",
                table: "Attempts");

            migrationBuilder.DropColumn(
                name: "Verifications",
                table: "Attempts");

            migrationBuilder.DropColumn(
                name: "VerifiedAt",
                table: "Attempts");

            migrationBuilder.DropColumn(
                name: "DurationMilliseconds",
                table: "AttemptHistory");

            migrationBuilder.DropColumn(
                name: "Received",
                table: "AttemptHistory");

            migrationBuilder.DropColumn(
                name: "RequestId",
                table: "AttemptHistory");

            migrationBuilder.DropColumn(
                name: "Sent",
                table: "AttemptHistory");
        }
    }
}
