using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AdminPortal.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class SecretOrigins : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Kind",
                table: "RevealRequests",
                type: "TEXT",
                maxLength: 30,
                nullable: false,
                defaultValue: "TokenReveal");

            migrationBuilder.AddColumn<string>(
                name: "Target",
                table: "RevealRequests",
                type: "TEXT",
                maxLength: 8000,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "TargetId",
                table: "RevealRequests",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "ProviderAppOrigins",
                columns: table => new
                {
                    ProviderAppId = table.Column<string>(type: "TEXT", nullable: false),
                    Origin = table.Column<string>(type: "TEXT", maxLength: 300, nullable: false),
                    ClientSecret = table.Column<string>(type: "TEXT", maxLength: 8000, nullable: false),
                    AllowedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    AllowedBy = table.Column<string>(type: "TEXT", nullable: true),
                    AllowedByName = table.Column<string>(type: "TEXT", maxLength: 255, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ProviderAppOrigins", x => new { x.ProviderAppId, x.Origin });
                    table.ForeignKey(
                        name: "FK_ProviderAppOrigins_ProviderApps_ProviderAppId",
                        column: x => x.ProviderAppId,
                        principalTable: "ProviderApps",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "StartSteps",
                columns: table => new
                {
                    Name = table.Column<string>(type: "TEXT", maxLength: 50, nullable: false),
                    StartedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    CompletedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    Column = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    Cursor = table.Column<string>(type: "TEXT", maxLength: 500, nullable: true),
                    Done = table.Column<long>(type: "INTEGER", nullable: false),
                    Unreadable = table.Column<long>(type: "INTEGER", nullable: false),
                    Backup = table.Column<string>(type: "TEXT", maxLength: 300, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_StartSteps", x => x.Name);
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "ProviderAppOrigins");

            migrationBuilder.DropTable(
                name: "StartSteps");

            migrationBuilder.DropColumn(
                name: "Kind",
                table: "RevealRequests");

            migrationBuilder.DropColumn(
                name: "Target",
                table: "RevealRequests");

            migrationBuilder.DropColumn(
                name: "TargetId",
                table: "RevealRequests");
        }
    }
}
