using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Attempts.Drafts;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Support;

/// <summary>Instances that were connected in earnest, and attempts that authorize them anew.</summary>
internal static class Reauthentications
{
    public static readonly Actor Ada = new(Guid.Parse("0199f0a1-0000-7000-8000-00000000ada0"), "ada@example.com") { Role = Role.Administrator };

    /// <summary>Connects an account: draft, consent, code, instance.</summary>
    public static async Task<Guid> ConnectAsync(this TestPortal portal, string elementKey = ElementKey.Crm, string name = "API instance")
    {
        var attempt = await portal.AddReceivedAsync(elementKey, name);
        await portal.Provisioner.ExchangeAsync(attempt);
        return (await portal.ReadAttemptAsync(attempt)).InstanceId.ShouldNotBeNull();
    }

    public static async Task<List<ActivityEntry>> ListActivityAsync(this TestPortal portal, ActivityAction action)
    {
        await using var db = portal.OpenDatabase();
        return await db.Activity.AsNoTracking().Where(entry => entry.Action == action).OrderBy(entry => entry.Id).ToListAsync(Token);
    }

    /// <summary>An attempt that authorizes the instance anew and whose code has come back.</summary>
    public static async Task<Guid> ReceiveAgainAsync(this TestPortal portal, Guid instanceId)
    {
        var id = (await portal.Get<ReauthenticationService>().StartAsync(instanceId, Ada, Token)).Value;
        var state = await portal.SendAwayAsync(id);
        _ = (await portal.Consents.ReceiveAsync(portal.Return(state), Token)).ShouldBeOfType<CallbackOutcome.Attempt>();
        return id;
    }

    /// <summary>The same, with the request sent and not answered.</summary>
    public static async Task<Guid> LoseAgainAsync(this TestPortal portal, Guid instanceId)
    {
        var id = await portal.ReceiveAgainAsync(instanceId);
        portal.Platform.OnReauthenticate = (_, _) => Task.FromResult<PlatformOutcome<PlatformInstance>>(new PlatformOutcome<PlatformInstance>.Unknown(UnclearReason.TimedOut));
        await portal.Provisioner.ExchangeAsync(id);
        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Ambiguous);
        return id;
    }

    /// <summary>What the platform tells of an instance, with this configuration.</summary>
    public static PlatformOutcome<PlatformInstance> Tell(
        long id, Dictionary<string, string?> configuration, string elementKey = ElementKey.Crm, string? token = "element-token", bool? disabled = false, IReadOnlyList<string>? tags = null) =>
        new PlatformOutcome<PlatformInstance>.Success(
            new PlatformInstance(id, "API instance", token, elementKey, tags ?? ["docs"], true, disabled, null, configuration), "get-1");

    /// <summary>A configuration as the platform shows it: secrets masked, the user's tokens in the clear.</summary>
    public static Dictionary<string, string?> Configuration(DateTimeOffset? refreshedAt = null) => new()
    {
        ["oauth.api.key"] = "********",
        ["oauth.api.secret"] = "********",
        ["infusionsoft.private.key"] = "********",
        ["infusionsoft.server"] = "https://dt123.infusionsoft.com",
        ["oauth.callback.url"] = "https://old.example.com/callback",
        ["oauth.user.token"] = "provider-access-token",
        ["oauth.user.refresh_token"] = "provider-refresh-token",
        ["oauth.user.refresh_time"] = refreshedAt?.ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["oauth.user.refresh_interval"] = "28800",
        ["event.notification.subscription.id"] = "subscription-1",
        ["event.notification.enabled"] = "false",
        ["filter.response.nulls"] = "true",
        ["base.url"] = "https://dt123.infusionsoft.com/api/xmlrpc",
        ["event.notification.callback.url"] = null,
    };
}
