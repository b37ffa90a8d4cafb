using AdminPortal.Provisioning.Providers;
using Microsoft.AspNetCore.Components;

namespace AdminPortal.Features.Providers;

/// <summary>The API provider setup: the callback URL, the guide, what each element needs, and the stored provider apps.</summary>
public sealed partial class ProviderApps
{
    private IReadOnlyList<ProviderAppSummary>? _apps;
    private string? _done;

    [Inject]
    public required ProviderAppService Apps { get; set; }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        if (SavedName is { } saved) _done = L["Saved", saved];
        _apps = await Apps.ListAsync(Left);
    }

    private async Task RemoveAsync(ProviderAppSummary app)
    {
        var text = app.Instances == 0 ? L["Remove.Text"] : L["Remove.TextUsed"];
        if (!await RemoveAsync(L["Remove.Title", app.Name], text, actor => Apps.DeleteAsync(app.Id, actor, CancellationToken.None))) return;
        _done = L["Removed", app.Name];
        _apps = await Apps.ListAsync(Left);
        await FocusHeadingAsync();
    }
}
