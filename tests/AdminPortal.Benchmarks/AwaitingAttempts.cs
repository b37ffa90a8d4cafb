using AdminPortal.Chaos.Driving;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Elements;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Providers;
using AdminPortal.Provisioning.Secrets;

namespace AdminPortal.Benchmarks;

/// <summary>Attempts that wait for their callback: one made as a person makes it, and copies of it with states of their own.</summary>
internal static class AwaitingAttempts
{
    public const string ClientId = "benchmark-client";
    public const string CallbackUrl = "http://127.0.0.1:5080/oauth/callback";

    /// <summary>The value of the cookie of the browser that left for all of them.</summary>
    public static string Browser { get; } = OneTimeValue.Create();

    /// <summary>Adds so many attempts; the answer is their states.</summary>
    public static async Task<IReadOnlyList<string>> AddAsync(PortalFile file, AccountInput platform, int count)
    {
        var account = (await file.Get<AccountService>().SaveAsync(platform, Actor.Portal, CancellationToken.None)).Value;
        var app = (await file.Get<ProviderAppService>().SaveAsync(
            new ProviderAppInput { Name = "App", ClientId = ClientId, ClientSecret = "benchmark-secret" }, Actor.Portal, CancellationToken.None)).Value;
        var drafts = file.Get<DraftService>();
        var draft = (await drafts.StartAsync(new ElementChoice { ElementKey = ElementKey.Rest, PlatformAccountId = account }, Actor.Portal, CancellationToken.None)).Value;
        await drafts.SaveProviderAsync(draft, new ProviderChoice { ProviderAppId = app }, Actor.Portal, CancellationToken.None);
        await drafts.SaveOptionsAsync(draft, new InstanceOptions { Name = "Benchmark", Tags = ["docs"] }, Actor.Portal, CancellationToken.None);
        var consents = file.Get<ConsentService>();
        var (lines, _, _) = await consents.AuthorizeAsync(draft, PreflightContext.Unattended, Actor.Portal, CancellationToken.None);
        if (lines.FirstOrDefault(line => line.Level == CheckLevel.Failed) is { } failed) throw new InvalidOperationException($"{failed.Title}: {failed.Detail}");
        await consents.LeaveAsync(draft, OneTimeValue.Hash(Browser), Actor.Portal, CancellationToken.None);
        return await AwaitingCopies.AddAsync(file.ConnectionString, draft, count);
    }
}
