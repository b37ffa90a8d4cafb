using System.ComponentModel;
using AdminPortal.Domain.Sync;

namespace AdminPortal.Features.Api;

[Description("One field that differs.")]
internal sealed record ApiDriftField(
    [property: Description("Name, Tags, State or AccountServer.")] string Name,
    [property: Description("The platform's side.")] string? Platform,
    [property: Description("The portal's side.")] string? Portal);

[Description("One difference between the platform and the portal, as the account's last complete sync found it.")]
internal sealed record ApiDrift(
    Guid AccountId,
    [property: Description("On which side it is, or that it is on both and differs.")] DriftKind Kind,
    [property: Description("The platform's id of the instance.")] long PlatformId,
    [property: Description("The portal's id of the instance; null for one that is on the platform only.")] Guid? InstanceId,
    string Name,
    [property: Description("The element's key.")] string Element,
    [property: Description("Field by field; empty for what is on one side only.")] IReadOnlyList<ApiDriftField> Fields,
    [property: Description("Whether a person has set it aside.")] bool Ignored);

[Description("How an account's syncs stand.")]
internal sealed record ApiAccountSync(
    Guid AccountId,
    string AccountName,
    [property: Description("How the newest sync stands; null where there was none.")] SyncState? State,
    [property: Description("When the newest sync began.")] DateTime? StartedAt,
    [property: Description("When the sync ended that found the differences; null where none is complete.")] DateTime? FoundAt,
    [property: Description("Differences that ask for a decision.")] int Open,
    [property: Description("Differences that were set aside.")] int Ignored);

[Description("One page of differences, account by account.")]
internal sealed record ApiDriftList(
    [property: Description("How the syncs of the accounts stand that were asked for.")] IReadOnlyList<ApiAccountSync> Accounts,
    IReadOnlyList<ApiDrift> Items,
    [property: Description("The cursor of the next page; null on the last one.")] string? Next);
