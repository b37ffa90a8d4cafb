using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.Shared;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Elements;

/// <summary>What a new key for signed notifications has to be.</summary>
internal static class SignatureKeyRule
{
    /// <summary>The form's field.</summary>
    public const string Field = "SignatureKey";

    /// <summary>What is wrong with a new key; null for one that can be sent, and for an empty one.</summary>
    public static string? Explain(string key, IStringLocalizer<ProvisioningText> texts) => key switch
    {
        { Length: > InputRules.MaxSecretLength } => texts["Rule.TooLong", texts["Events.SignatureKey"], InputRules.MaxSecretLength],
        { Length: >= 4 } when key.All(letter => letter is '*' or '•') => texts["Configuration.Mask"],
        _ => Rules.HasControls(key) ? texts["Rule.Control", texts["Events.SignatureKey"]].Value : null,
    };
}
