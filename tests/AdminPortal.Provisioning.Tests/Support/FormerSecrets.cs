using AdminPortal.Domain.Secrets;
using AdminPortal.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Secret = AdminPortal.Domain.Secrets.Secret;

namespace AdminPortal.Provisioning.Tests.Support;

/// <summary>Makes secrets look as the first release left them: sealed for kind and row only.</summary>
internal static class FormerSecrets
{
    public static string SealFormer(this TestPortal portal, SecretKind kind, Guid row, string value) =>
        portal.Get<IDataProtectionProvider>().CreateProtector("AdminPortal.Secrets.v1", kind.ToString()).CreateProtector(row.ToString("N")).Protect(value);

    /// <summary>Seals everything that is stored as the first release did, and forgets that it was ever sealed otherwise.</summary>
    /// <returns>How many values there are.</returns>
    public static async Task<int> MakeFormerAsync(this TestPortal portal)
    {
        var values = 0;
        await using var db = portal.OpenDatabase();
        await db.ProviderAppOrigins.ExecuteDeleteAsync(Token);
        await db.StartSteps.ExecuteDeleteAsync(Token);
        await db.Database.OpenConnectionAsync(Token);
        await using var transaction = await db.Database.BeginTransactionAsync(Token);
        foreach (var column in SealedColumn.All.Where(column => column.Kind is not (null or SecretKind.ActivityKey)))
        {
            List<(SealedRow, string?)> changes = [];
            foreach (var row in await SealedRows.ReadAsync(db, column, null, 100_000, null, Token))
            {
                var parts = column.ReadParts(row.Owner, row.Text).ToDictionary(part => part.Part, part => new Sealed(portal.SealFormer(
                    column.Kind!.Value, part.Owner, portal.Secrets.Open(new Secret(column.Kind.Value, part.Owner, new Sealed(part.Ciphertext)), row.Destination.ShouldNotBeNull()))));
                values += parts.Count;
                changes.Add((row, column.IsDictionary ? JsonColumn.Write(parts) : parts[""].Ciphertext));
            }

            (await SealedRows.WriteAsync(db, column, changes, Token)).ShouldBeEmpty();
        }

        await transaction.CommitAsync(Token);
        await db.Database.CloseConnectionAsync();
        return values;
    }
}
