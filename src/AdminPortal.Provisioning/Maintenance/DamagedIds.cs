using AdminPortal.Domain.Text;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace AdminPortal.Provisioning.Maintenance;

/// <summary>Looks for ids that are none, in SQLite itself: there they can be told with table, row and column.</summary>
internal static class DamagedIds
{
    private static readonly string Form = string.Join('-', new[] { 8, 4, 4, 4, 12 }.Select(digits => string.Concat(Enumerable.Repeat("[0-9A-Fa-f]", digits))));

    /// <summary>Each of them as table, id of the row and column.</summary>
    public static List<string> Find(PortalDb db)
    {
        List<string> found = [];
        foreach (var entity in db.Model.GetEntityTypes())
        {
            if (StoreObjectIdentifier.Create(entity, StoreObjectType.Table) is not { } table || entity.FindPrimaryKey() is not { } key) continue;
            // By its id, where the table has ids beside its numbers; as SQL writes it, so that it can be taken over into a statement.
            IReadOnlyList<IReadOnlyProperty> named = entity.FindProperty("Id") is { } own ? [own] : key.Properties;
            var row = string.Join(" || ', ' || ", named.Select(property => $"quote(\"{property.GetColumnName(table)}\")"));
            var ids = entity.GetProperties().Where(property => (Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType) == typeof(Guid));
            foreach (var column in ids.Select(property => property.GetColumnName(table)))
            {
                found.AddRange(db.Rows(
                    $"SELECT {row} FROM \"{table.Name}\" WHERE \"{column}\" NOT GLOB $form",
                    reader => $"{table.Name} {OutsideText.Clean(reader.GetString(0), 100)}, column {column}", ("$form", Form)));
            }
        }

        return found;
    }
}
