using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AdminPortal.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class KeyRingCanary : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "KeyRingCanary",
                columns: table => new
                {
                    Id = table.Column<int>(type: "INTEGER", nullable: false),
                    Value = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: false),
                    WrittenAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_KeyRingCanary", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "StorageMark",
                columns: table => new
                {
                    Id = table.Column<int>(type: "INTEGER", nullable: false),
                    WrittenAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_StorageMark", x => x.Id);
                });

            foreach (var statement in InstanceIndexes.Tolerate) migrationBuilder.Sql(statement);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "KeyRingCanary");

            migrationBuilder.DropTable(
                name: "StorageMark");
        }
    }
}
