using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;

namespace AdminPortal.Components.Layout;

/// <summary>The frame of every page for people who are signed in: bar, navigation, page.</summary>
public sealed partial class MainLayout
{
    private ErrorBoundary? _errorBoundary;

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    private string SkipTarget => Navigation.Uri.Split('#')[0] + "#main";

    /// <inheritdoc />
    protected override void OnParametersSet() => _errorBoundary?.Recover();

    private async Task SkipAsync() => await Js.InvokeVoidAsync("portal.focus", "#main");

    private void TryAgain() => _errorBoundary?.Recover();

    private void ReloadPage() => Navigation.Refresh(forceReload: true);
}
