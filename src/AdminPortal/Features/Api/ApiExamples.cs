using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Sync;

namespace AdminPortal.Features.Api;

/// <summary>The examples of the document and the reference: the very types that are answered with, so that they have their form.</summary>
internal static class ApiExamples
{
    public const string Server = "dt123.infusionsoft.com";

    private static readonly Guid InstanceId = Guid.Parse("019a2f4e-7c10-7d3a-9b58-3f0e6c1a2b4d");
    private static readonly Guid AttemptId = Guid.Parse("019a2f4d-51b2-7e61-8c0a-77d0f4a9e3c1");
    private static readonly Guid AccountId = Guid.Parse("0199e0c5-0a44-7b90-a1de-5b8c2f6d7e10");
    private static readonly Guid AppId = Guid.Parse("0199e0c7-9d02-7f18-b3c4-2a9e8d7c6b5f");
    private static readonly DateTime Begun = new(2026, 11, 2, 9, 30, 0, DateTimeKind.Utc);
    private static readonly DateTime Done = Begun.AddMinutes(4);
    private static readonly DateTime Checked = Begun.AddHours(6);

    public static ApiInstance Instance { get; } = new(
        InstanceId, 501234, "Example Ltd", ["production"], ElementKey.Crm, AccountId, AppId, Server, InstanceState.Active, null, null, true, Checked, AttemptId, Checked, Done);

    public static ApiInstanceList Instances { get; } = new(
        [new ApiInstanceLine(InstanceId, "Example Ltd", ["production"], ElementKey.Crm, AccountId, Server, InstanceState.Active, true, Checked, Done)], "b2t4bDNBeEQxMjM0");

    public static ApiInstanceChange Change { get; } = new() { Name = "Example Ltd", Tags = ["production", "europe"] };

    public static ApiCheck Check { get; } = new(Checked, CheckOutcome.Alive, 214, null, "5f3c9a", InstanceState.Active);

    public static ApiNewAttempt NewAttempt { get; } = new()
    {
        AccountId = AccountId,
        Element = ElementKey.Crm,
        ProviderAppId = AppId,
        Name = "Example Ltd",
        Tags = ["production"],
        Server = Server,
        EncryptedKey = "the-encrypted-key-from-keap",
    };

    public static ApiAttempt Attempt { get; } = new(
        AttemptId, AttemptState.Draft, $"https://portal.example.com/connect/{AttemptId}/review", "Example Ltd", ["production"], ElementKey.Crm, AccountId, AppId, Server, true, false,
        null, null, null, Begun, Begun, null, null, [new ApiHistoryLine(Begun, AttemptEvent.Created, AttemptState.Draft, null, null, null)]);

    public static ApiAttemptList Attempts { get; } = new(
        [new ApiAttemptLine(AttemptId, "Example Ltd", "Infusionsoft CRM", AttemptState.Active, false, InstanceId, Begun, Done)], null);

    public static ApiAccountList Accounts { get; } = new([new ApiAccount(AccountId, "Production", "https://api.cloud-elements.com", Begun)]);

    public static ApiProviderAppList ProviderApps { get; } = new([new ApiProviderApp(AppId, "Keap app", "qfg3kp0example", Begun, ["https://api.cloud-elements.com:443"])]);

    public static ApiElementList Elements { get; } = new(
    [
        new ApiElement(ElementKey.Ecommerce, "Infusionsoft Online Sales", "ecommerce", false, [], ["orders"]),
        new ApiElement(
            ElementKey.Crm, "Infusionsoft CRM", "crm", false,
            [new ApiElementField(ElementCatalog.ServerKey, "server", "Infusionsoft server", "The host of the Infusionsoft account.", true, false)], null),
    ]);

    public static ApiDriftList Drift { get; } = new(
        [new ApiAccountSync(AccountId, "Production", SyncState.Complete, Begun, Done, 1, 0)],
        [new ApiDrift(AccountId, DriftKind.Changed, 501234, InstanceId, "Example Ltd", ElementKey.Crm, [new ApiDriftField("Name", "Example Limited", "Example Ltd")], false)],
        null);
}
