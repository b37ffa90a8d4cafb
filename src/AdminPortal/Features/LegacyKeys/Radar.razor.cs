using System.Globalization;
using AdminPortal.Provisioning.LegacyKeys;
using Microsoft.AspNetCore.Components;

namespace AdminPortal.Features.LegacyKeys;

/// <summary>Every instance that carries a legacy key, why that matters, and how far each move is. Filter and page are in the address.</summary>
public sealed partial class Radar
{
    private IReadOnlyList<LegacyKeyCount> _counts = [];
    private LegacyKeyPage? _page;
    private LegacyKeyQuery? _shown;
    private bool _counted;

    [Inject]
    public required LegacyKeyService LegacyKeys { get; set; }

    private Guid? Account => _shown?.PlatformAccountId;

    private IEnumerable<LegacyKeyCount> Shown => _counts.Where(count => Account is null || count.PlatformAccountId == Account);

    // Keap's own announcements, in order; the last one names a quarter and not a day.
    private IEnumerable<(DateOnly? Date, string What, string Source)> Dates =>
    [
        (new DateOnly(2024, 6, 7), L["Date.Email"], L["Date.Email.Source"]),
        (new DateOnly(2024, 6, 12), L["Date.Forum"], L["Date.Forum.Source"]),
        (new DateOnly(2024, 7, 10), L["Date.NoNew"], L["Date.Keap.Source"]),
        (new DateOnly(2024, 8, 5), L["Date.Brownouts"], L["Date.Keap.Source"]),
        (new DateOnly(2024, 10, 31), L["Date.Sunset"], L["Date.Keap.Source"]),
        (null, L["Date.Revocation"], L["Date.Help.Source"]),
    ];

    /// <inheritdoc />
    protected override async Task FollowAddressAsync()
    {
        var wanted = LegacyKeysAddress.Read(Navigation.Uri);
        if (_shown == wanted) return;
        _shown = wanted;
        try
        {
            // Counting looks at every instance of the radar; turning a page does not.
            if (!_counted) _counts = await LegacyKeys.CountAsync(Left);
            _counted = true;
            _page = await LegacyKeys.ListAsync(wanted, Left);
        }
        catch (OperationCanceledException)
        {
            // The page was left while it was read.
        }
    }

    private static string Grouped(int number) => number.ToString("N0", CultureInfo.CurrentCulture);

    private string Action(MoveState state) => state switch
    {
        MoveState.NotBegun => L["List.Begin"],
        MoveState.Done => L["List.Look"],
        _ => L["List.GoOn"],
    };

    private void ChooseAccount(ChangeEventArgs change)
    {
        var query = new LegacyKeyQuery(Guid.TryParse(change.Value as string, out var account) ? account : null);
        Navigation.NavigateTo(LegacyKeysAddress.Write(query));
    }
}
