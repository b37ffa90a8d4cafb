using AdminPortal.Domain.Providers;
using AdminPortal.Domain.Secrets;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Chaos.Inside;

/// <summary>
/// Points an account at another address while its attempts go on, as if the platform had gone from the one and come to the other.
/// The portal's own move refuses that; what its rows hold is sealed for the new address here.
/// </summary>
internal static class MovedAccount
{
    public static async Task PointAsync(IServiceProvider services, Guid id, string baseUrl)
    {
        // The worker may save an attempt at the same moment.
        while (true)
        {
            try
            {
                await TryAsync(services, id, new Uri(baseUrl).GetLeftPart(UriPartial.Authority));
                return;
            }
            catch (DbUpdateConcurrencyException)
            {
            }
        }
    }

    private static async Task TryAsync(IServiceProvider services, Guid id, string baseUrl)
    {
        var box = services.GetRequiredService<ISecretBox>();
        await using var db = await services.GetRequiredService<IDbContextFactory<PortalDb>>().CreateDbContextAsync();
        var account = await db.Accounts.SingleAsync(row => row.Id == id);
        var (from, to) = (SecretOrigin.Of(account.BaseUrl), SecretOrigin.Of(baseUrl));
        account.BaseUrl = baseUrl;
        account.OrganizationSecret = Again(SecretKind.OrganizationSecret, id, account.OrganizationSecret);
        account.UserSecret = Again(SecretKind.UserSecret, id, account.UserSecret);
        foreach (var instance in await db.Instances.Where(row => row.PlatformAccountId == id).ToListAsync()) instance.Token = Again(SecretKind.InstanceToken, instance.Id, instance.Token);
        foreach (var attempt in await db.Attempts.Where(row => row.PlatformAccountId == id).ToListAsync())
        {
            var row = db.Entry(attempt);
            if (attempt.Code is { Ciphertext.Length: > 0 } code) row.Property(one => one.Code).CurrentValue = Again(SecretKind.OAuthCode, attempt.Id, code);
            row.Property(one => one.SealedConfiguration).CurrentValue = attempt.SealedConfiguration.ToDictionary(value => value.Key, value => Again(SecretKind.ConfigurationValue, attempt.Id, value.Value));
        }

        foreach (var app in await db.ProviderApps.ToListAsync())
        {
            if (app.Origins.Find(allowed => allowed.Origin == from.Text) is not { } known || app.Origins.Exists(allowed => allowed.Origin == to.Text)) continue;
            db.ProviderAppOrigins.Add(new ProviderAppOrigin
            {
                ProviderAppId = app.Id, Origin = to.Text, ClientSecret = Again(SecretKind.ClientSecret, app.Id, known.ClientSecret), AllowedAt = known.AllowedAt,
            });
        }

        await db.SaveChangesAsync();

        Sealed Again(SecretKind kind, Guid row, Sealed value) => box.Seal(kind, row, to, box.Open(new Secret(kind, row, value), from));
    }
}
