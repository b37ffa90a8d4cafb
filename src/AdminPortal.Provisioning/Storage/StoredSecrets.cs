using AdminPortal.Provisioning.Secrets;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Storage;

/// <summary>One stored secret and the row that it belongs to.</summary>
/// <param name="Row">What the row is called, in words.</param>
/// <param name="Name">The row's name.</param>
/// <param name="Secret">The secret.</param>
internal sealed record StoredSecret(string Row, string Name, Secret Secret);

/// <summary>Goes through every stored secret, some hundred rows at a time.</summary>
internal static class StoredSecrets
{
    private const int Batch = 500;

    /// <summary>All of them: accounts, provider apps, attempts, instances, authenticators of people.</summary>
    public static async IAsyncEnumerable<StoredSecret> ReadAllAsync(
        PortalDb db, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var account in await db.Accounts.AsNoTracking().OrderBy(row => row.Id).ToListAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return new StoredSecret("platform account", account.Name, account.OrganizationSecretOf);
            yield return new StoredSecret("platform account", account.Name, account.UserSecretOf);
        }

        foreach (var app in await db.ProviderApps.AsNoTracking().OrderBy(row => row.Id).ToListAsync(cancellationToken).ConfigureAwait(false))
            yield return new StoredSecret("provider app", app.Name, app.ClientSecretOf);

        for (var skip = 0; ; skip += Batch)
        {
            var attempts = await db.Attempts.AsNoTracking().OrderBy(row => row.Id).Skip(skip).Take(Batch).ToListAsync(cancellationToken).ConfigureAwait(false);
            foreach (var attempt in attempts)
            {
                if (attempt.CodeOf is { } code) yield return new StoredSecret("attempt", attempt.Name, code);
                if (attempt.OAuthUrlOf is { } url) yield return new StoredSecret("attempt", attempt.Name, url);
                foreach (var key in attempt.SealedConfiguration.Keys) yield return new StoredSecret("attempt", attempt.Name, attempt.SealedConfigurationOf(key));
            }

            if (attempts.Count < Batch) break;
        }

        for (long after = 0; ;)
        {
            var from = after;
            var instances = await db.Instances.AsNoTracking().Where(row => row.Number > from).OrderBy(row => row.Number).Take(Batch)
                .Select(row => new { row.Number, row.Id, row.Name, row.Token }).ToListAsync(cancellationToken).ConfigureAwait(false);
            foreach (var instance in instances) yield return new StoredSecret("instance", instance.Name, new Secret(SecretKind.InstanceToken, instance.Id, instance.Token));
            if (instances.Count < Batch) break;
            after = instances[^1].Number;
        }

        // Last: a backup of earlier times may not have the column, and is known by what comes before.
        foreach (var person in await db.Users.AsNoTracking().Where(row => row.AuthenticatorKey != null).OrderBy(row => row.Id).ToListAsync(cancellationToken).ConfigureAwait(false))
            yield return new StoredSecret("person", person.UserName ?? "", person.AuthenticatorKeyOf!);
    }
}
