using AdminPortal.Domain.Access;
using AdminPortal.Domain.Elements;
using AdminPortal.Provisioning.Attempts.Drafts;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;

namespace AdminPortal.TestSupport;

/// <summary>Creates drafts with the same input in all tests.</summary>
public static class DraftSeed
{
    public const string Server = "dt123.infusionsoft.com";
    public const string EncryptedKey = "47d-encrypted-key";

    /// <summary>A draft whose wizard steps are all filled in.</summary>
    /// <param name="services">The portal's services.</param>
    /// <param name="account">The platform account.</param>
    /// <param name="app">The provider app.</param>
    /// <param name="elementKey">The element.</param>
    /// <param name="name">The instance's name.</param>
    /// <param name="details">The account details, for elements that need them.</param>
    /// <param name="token">Cancels the calls.</param>
    /// <returns>The draft's id.</returns>
    public static async Task<Guid> AddDraftAsync(
        this IServiceProvider services, Guid account, Guid app, string elementKey, string name, IReadOnlyDictionary<string, string>? details, CancellationToken token)
    {
        var drafts = services.GetRequiredService<DraftService>();
        var id = (await drafts.StartAsync(new ElementChoice { ElementKey = elementKey, PlatformAccountId = account }, Actor.Portal, token)).Value;
        (await drafts.SaveProviderAsync(id, new ProviderChoice { ProviderAppId = app }, token)).Succeeded.ShouldBeTrue();
        if (services.GetRequiredService<ElementCatalog>().Find(elementKey)!.NeedsAccountDetails)
        {
            details ??= new Dictionary<string, string> { [ElementCatalog.ServerKey] = Server, [ElementCatalog.EncryptedKeyKey] = EncryptedKey };
            (await drafts.SaveAccountAsync(id, new AccountDetails { Values = new(details) }, token)).Succeeded.ShouldBeTrue();
        }

        (await drafts.SaveOptionsAsync(id, new InstanceOptions { Name = name, Tags = ["docs"] }, token)).Succeeded.ShouldBeTrue();
        return id;
    }
}
