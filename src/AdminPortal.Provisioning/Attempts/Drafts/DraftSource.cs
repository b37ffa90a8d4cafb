using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Platform;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Attempts.Drafts;

/// <summary>What a draft that begins with an instance takes over from it.</summary>
/// <param name="Told">What the platform says about the instance; a platform that does not answer now may do so at the review.</param>
/// <param name="Configuration">The account server, if the element has one and it is known.</param>
/// <param name="AppId">The provider app; null if it is not known or has been deleted.</param>
internal sealed record DraftSource(PlatformOutcome<PlatformInstance> Told, Dictionary<string, string> Configuration, Guid? AppId)
{
    /// <summary>The platform's instance; null if the platform did not answer with it.</summary>
    public PlatformInstance? Instance => (Told as PlatformOutcome<PlatformInstance>.Success)?.Value;

    public static async Task<DraftSource> ReadAsync(
        PortalDb db, IElementsPlatform platform, ElementDefinition element, ElementInstance instance, CancellationToken cancellationToken)
    {
        var account = await db.Accounts.AsNoTracking().SingleAsync(row => row.Id == instance.PlatformAccountId, cancellationToken).ConfigureAwait(false);
        var told = await platform.GetAsync(account, instance.PlatformId, cancellationToken).ConfigureAwait(false);
        var configuration = new Dictionary<string, string>();
        var server = (told as PlatformOutcome<PlatformInstance>.Success)?.Value.AccountServer ?? instance.AccountServer;
        if (server is not null && element.Field(ElementCatalog.ServerKey) is not null) configuration[ElementCatalog.ServerKey] = server;
        return new DraftSource(told, configuration, await KnownApp.FindAsync(db, instance, cancellationToken).ConfigureAwait(false));
    }
}
