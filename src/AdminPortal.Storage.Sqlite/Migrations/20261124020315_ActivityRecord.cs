using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AdminPortal.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class ActivityRecord : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Activity_Action_Id",
                table: "Activity");

            migrationBuilder.DropIndex(
                name: "IX_Activity_InstanceId_Id",
                table: "Activity");

            migrationBuilder.DropIndex(
                name: "IX_Activity_Overview",
                table: "Activity");

            migrationBuilder.AddColumn<Guid>(
                name: "AttemptId",
                table: "Activity",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Changes",
                table: "Activity",
                type: "TEXT",
                maxLength: 61200,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "From",
                table: "Activity",
                type: "TEXT",
                maxLength: 64,
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "Hash",
                table: "Activity",
                type: "BLOB",
                maxLength: 32,
                nullable: false,
                defaultValue: new byte[0]);

            migrationBuilder.AddColumn<Guid>(
                name: "ProviderAppId",
                table: "Activity",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "ActivityHead",
                columns: table => new
                {
                    Id = table.Column<int>(type: "INTEGER", nullable: false),
                    Key = table.Column<string>(type: "TEXT", maxLength: 8000, nullable: false),
                    FirstId = table.Column<long>(type: "INTEGER", nullable: false),
                    FirstHash = table.Column<byte[]>(type: "BLOB", nullable: false),
                    LastId = table.Column<long>(type: "INTEGER", nullable: false),
                    LastHash = table.Column<byte[]>(type: "BLOB", nullable: false),
                    OlderId = table.Column<long>(type: "INTEGER", nullable: false),
                    RemovedId = table.Column<long>(type: "INTEGER", nullable: false),
                    Mac = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ActivityHead", x => x.Id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Activity_ByAccount",
                table: "Activity",
                columns: new[] { "PlatformAccountId", "At", "Id", "PersonId", "Action" },
                filter: "\"PlatformAccountId\" IS NOT NULL AND (\"JobId\" IS NULL OR \"InstanceId\" IS NULL)");

            migrationBuilder.CreateIndex(
                name: "IX_Activity_ByAction",
                table: "Activity",
                columns: new[] { "Action", "At", "Id", "PersonId" });

            migrationBuilder.CreateIndex(
                name: "IX_Activity_ByApp",
                table: "Activity",
                columns: new[] { "ProviderAppId", "At", "Id" },
                filter: "\"ProviderAppId\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Activity_ByAttempt",
                table: "Activity",
                columns: new[] { "AttemptId", "At", "Id" },
                filter: "\"AttemptId\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Activity_ByInstance",
                table: "Activity",
                columns: new[] { "InstanceId", "At", "Id" },
                filter: "\"InstanceId\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Activity_ByJob",
                table: "Activity",
                columns: new[] { "JobId", "At", "Id" },
                filter: "\"JobId\" IS NOT NULL AND \"InstanceId\" IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Activity_ByPerson",
                table: "Activity",
                columns: new[] { "PersonId", "At", "Id" },
                filter: "\"JobId\" IS NULL OR \"InstanceId\" IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Activity_ByTime",
                table: "Activity",
                columns: new[] { "At", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Activity_Overview",
                table: "Activity",
                columns: new[] { "At", "Id", "PersonId" },
                filter: "\"JobId\" IS NULL OR \"InstanceId\" IS NULL");

            foreach (var statement in ActivityGuards.Create) migrationBuilder.Sql(statement);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            foreach (var statement in ActivityGuards.Drop) migrationBuilder.Sql(statement);

            migrationBuilder.DropTable(
                name: "ActivityHead");

            migrationBuilder.DropIndex(
                name: "IX_Activity_ByAccount",
                table: "Activity");

            migrationBuilder.DropIndex(
                name: "IX_Activity_ByAction",
                table: "Activity");

            migrationBuilder.DropIndex(
                name: "IX_Activity_ByApp",
                table: "Activity");

            migrationBuilder.DropIndex(
                name: "IX_Activity_ByAttempt",
                table: "Activity");

            migrationBuilder.DropIndex(
                name: "IX_Activity_ByInstance",
                table: "Activity");

            migrationBuilder.DropIndex(
                name: "IX_Activity_ByJob",
                table: "Activity");

            migrationBuilder.DropIndex(
                name: "IX_Activity_ByPerson",
                table: "Activity");

            migrationBuilder.DropIndex(
                name: "IX_Activity_ByTime",
                table: "Activity");

            migrationBuilder.DropIndex(
                name: "IX_Activity_Overview",
                table: "Activity");

            migrationBuilder.DropColumn(
                name: "AttemptId",
                table: "Activity");

            migrationBuilder.DropColumn(
                name: "Changes",
                table: "Activity");

            migrationBuilder.DropColumn(
                name: "From",
                table: "Activity");

            migrationBuilder.DropColumn(
                name: "Hash",
                table: "Activity");

            migrationBuilder.DropColumn(
                name: "ProviderAppId",
                table: "Activity");

            migrationBuilder.CreateIndex(
                name: "IX_Activity_Action_Id",
                table: "Activity",
                columns: new[] { "Action", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Activity_InstanceId_Id",
                table: "Activity",
                columns: new[] { "InstanceId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Activity_Overview",
                table: "Activity",
                column: "Id",
                filter: "\"JobId\" IS NULL OR \"InstanceId\" IS NULL");
        }
    }
}
