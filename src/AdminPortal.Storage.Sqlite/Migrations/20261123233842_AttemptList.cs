using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AdminPortal.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class AttemptList : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Attempts_UpdatedAt",
                table: "Attempts");

            migrationBuilder.CreateIndex(
                name: "IX_Attempts_ByChange",
                table: "Attempts",
                columns: new[] { "UpdatedAt", "Id", "State" });

            migrationBuilder.CreateIndex(
                name: "IX_Attempts_PreviousAttemptId",
                table: "Attempts",
                column: "PreviousAttemptId",
                filter: "PreviousAttemptId IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Attempts_ByChange",
                table: "Attempts");

            migrationBuilder.DropIndex(
                name: "IX_Attempts_PreviousAttemptId",
                table: "Attempts");

            migrationBuilder.CreateIndex(
                name: "IX_Attempts_UpdatedAt",
                table: "Attempts",
                column: "UpdatedAt");
        }
    }
}
