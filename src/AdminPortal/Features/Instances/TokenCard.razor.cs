using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace AdminPortal.Features.Instances;

/// <summary>
/// An instance's token: masked, shown or copied when a person asks. The browser's script fetches it from
/// <see cref="TokenEndpoint"/> and tells only whether that worked.
/// </summary>
public sealed partial class TokenCard : IDisposable
{
    /// <summary>How long the script shows the token; the same as in <c>portal.js</c>.</summary>
    private static readonly TimeSpan ShownFor = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _gone = new();
    private bool _busy;
    private bool _shown;
    private bool _failed;
    private string _status = "";

    [Parameter, EditorRequired]
    public required Guid InstanceId { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [Inject]
    public required TimeProvider Clock { get; set; }

    /// <inheritdoc />
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    private async Task RevealAsync()
    {
        // Asking again while it is shown would start a second countdown.
        if (_shown || !await CallAsync("Token.Revealed", "Token.RevealFailed", "portal.revealToken", InstanceId, "#token-value")) return;
        _shown = true;
        StateHasChanged();
        try
        {
            await Task.Delay(ShownFor, Clock, _gone.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        _shown = false;
        _failed = false;
        _status = L["Token.Hidden"];
    }

    private async Task CopyAsync() => await CallAsync("Token.Copied", "Token.CopyFailed", "portal.copyToken", InstanceId);

    private async Task<bool> CallAsync(string done, string failed, string function, params object[] arguments)
    {
        if (_busy) return false;
        _busy = true;
        bool worked;
        try
        {
            worked = await Js.InvokeAsync<bool>(function, _gone.Token, arguments);
        }
        catch (JSException)
        {
            // The request did not come through: no network, or the answer was the way to the sign-in page.
            worked = false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            _busy = false;
        }

        _failed = !worked;
        _status = L[worked ? done : failed];
        return worked;
    }
}
