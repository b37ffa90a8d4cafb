using AdminPortal.Ui;
using Microsoft.Extensions.Localization;
using Microsoft.JSInterop;

namespace AdminPortal.Access;

/// <summary>
/// Re-authenticates with a passkey from a circuit: js/passkeys.js asks the browser and sends the answer to
/// <see cref="ConfirmationEndpoint"/>.
/// </summary>
internal static class PasskeyConfirmation
{
    /// <summary>Asks for a passkey.</summary>
    /// <returns>Why it was not confirmed, as a sentence; null where it was.</returns>
    public static async Task<string?> AskAsync(
        IJSRuntime js, IStringLocalizer<ConfirmationText> texts, CancellationToken cancellationToken) =>
        await js.InvokeAsync<ScriptAnswer?>("portal.confirmPasskey", cancellationToken) switch
        {
            { Done: true } => null,
            { Field: "Passkeys" } => texts["Passkey.Missing"],
            var answer => answer?.Message ?? texts["Passkey.Failed"],
        };
}
