using System.Globalization;
using AdminPortal.Domain.ApiTokens;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Sync;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Elements;
using AdminPortal.Provisioning.Providers;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Provisioning.Sync;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AdminPortal.Features.Api;

/// <summary>What a draft is made of, and what the last syncs found different.</summary>
internal static class CatalogEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/accounts", ListAccountsAsync).Describe(ApiScope.Read, "List platform accounts", "All platform accounts, without their secrets.", ApiExamples.Accounts);
        api.MapGet("/elements", ListElements).Describe(ApiScope.Read, "List elements", "All elements that can be connected, and what each asks for.", ApiExamples.Elements);
        api.MapGet("/provider-apps", ListAppsAsync).Describe(ApiScope.Read, "List provider apps", "All provider apps, without their secrets.", ApiExamples.ProviderApps);
        api.MapGet("/drift", ListDriftAsync).Describe(
            ApiScope.Read, "List differences", "What the last complete sync of each account found different between the platform and the portal.", ApiExamples.Drift, ApiProblemType.Invalid, ApiProblemType.NotFound);
    }

    private static async Task<Ok<ApiAccountList>> ListAccountsAsync(HttpContext context, AccountService accounts) =>
        TypedResults.Ok(new ApiAccountList([.. (await accounts.ListAsync(context.RequestAborted)).Select(account => new ApiAccount(account.Id, account.Name, account.BaseUrl, account.CreatedAt.UtcDateTime))]));

    private static Ok<ApiElementList> ListElements(ElementCatalog catalog, FieldCheck fields) =>
        TypedResults.Ok(new ApiElementList([.. catalog.All.Select(element => new ApiElement(
            element.Key, element.Name, element.Hub, element.Recommended,
            [.. element.Fields.Select(field => new ApiElementField(field.Key, MemberOf(field.Key), fields.Label(field), fields.Help(field), field.Required, field.Secret))],
            element.Events is null ? null : [.. element.Events.Resources.Select(resource => resource.Name)]))]));

    private static async Task<Ok<ApiProviderAppList>> ListAppsAsync(HttpContext context, ProviderAppService apps) =>
        TypedResults.Ok(new ApiProviderAppList([.. (await apps.ListAsync(context.RequestAborted)).Select(app => new ApiProviderApp(
            app.Id, app.Name, app.ClientId, app.CreatedAt.UtcDateTime, app.Origins))]));

    private static async Task<Results<Ok<ApiDriftList>, ProblemHttpResult>> ListDriftAsync(
        [AsParameters] DriftParameters parameters, HttpContext context, AccountService accounts, SyncService syncs, PortalAddresses addresses, ApiProblems problems)
    {
        _ = parameters;
        var asked = new ApiQuery<DriftQuery>(context, ApiLists.Drift);
        var (only, kind, ignored, limit) = (asked.Value.PlatformAccountId, asked.Value.Kind, asked.Value.Ignored, asked.Value.PageSize);
        var list = $"drift {only} {kind} {ignored}";
        var from = asked.Cursor(list, Place.TryRead);
        if (asked.Problem is { } problem) return problem;

        // By id, which stays, so that an account that is renamed meanwhile is neither passed over nor shown twice.
        var wanted = (await accounts.ListAsync(context.RequestAborted)).Where(account => only is null || account.Id == only).OrderBy(account => account.Id).ToList();
        if (only is not null && wanted.Count == 0) return problems.Make(ApiProblemType.NotFound);

        var stands = new List<ApiAccountSync>();
        foreach (var account in wanted)
        {
            if (await syncs.FindLatestAsync(account.Id, context.RequestAborted) is not { } overview) continue;
            stands.Add(new ApiAccountSync(
                account.Id, account.Name, overview.Latest?.State, overview.Latest?.StartedAt.UtcDateTime, overview.LastComplete?.EndedAt?.UtcDateTime,
                overview.Drift.Values.Sum(count => count.Open), overview.Drift.Values.Sum(count => count.Ignored)));
        }

        var items = new List<ApiDrift>();
        string? next = null;
        foreach (var account in wanted.Where(account => from is null || account.Id.CompareTo(from.AccountId) >= 0))
        {
            // With no room left, one more is looked for, to know whether there is a next page.
            var room = limit - items.Count;
            var page = await syncs.ListDriftAsync(account.Id, kind, ignored, from?.AccountId == account.Id ? from.Position : null, Math.Max(1, room), context.RequestAborted);
            if (room > 0) items.AddRange(page.Items.Select(entry => Describe(account.Id, entry)));
            if (room == 0 ? page.Items.Count > 0 : page.HasMore)
            {
                next = ApiPaging.Write(new Place(items[^1].AccountId, new DriftPosition(items[^1].Kind, items[^1].PlatformId)).Write(), list);
                break;
            }
        }

        ApiPaging.Link(context, addresses.PublicBaseUrl, next);
        return TypedResults.Ok(new ApiDriftList(stands, items, next));
    }

    private static ApiDrift Describe(Guid account, DriftEntry entry) => new(
        account, entry.Kind, entry.PlatformId, entry.Kind == DriftKind.OnlyOnPlatform ? null : entry.Id, entry.Name, entry.ElementKey,
        [.. entry.Fields.Select(field => new ApiDriftField(field.Name, field.Platform, field.Portal))], entry.Ignored);

    private static string? MemberOf(string key) => key switch
    {
        ElementCatalog.ServerKey => "server",
        ElementCatalog.EncryptedKeyKey => "encryptedKey",
        _ => null,
    };

    /// <summary>A place among the differences of all accounts.</summary>
    private sealed record Place(Guid AccountId, DriftPosition Position)
    {
        public string Write() => string.Create(CultureInfo.InvariantCulture, $"{AccountId:N}.{Position.Kind}.{Position.PlatformId}");

        public static Place? TryRead(string text) =>
            text.Split('.') is [var account, var kind, var platformId]
            && Guid.TryParseExact(account, "N", out var id) && Enum.TryParse<DriftKind>(kind, out var known) && Enum.IsDefined(known)
            && long.TryParse(platformId, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                ? new Place(id, new DriftPosition(known, number))
                : null;
    }
}
