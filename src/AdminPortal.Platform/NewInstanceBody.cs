using System.Text.Json.Nodes;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Secrets;
using AdminPortal.Platform.Wire;

namespace AdminPortal.Platform;

/// <summary>Writes the body of <c>POST /instances</c> (platform contract, sections 3, 5.1 and 5.2).</summary>
internal static class NewInstanceBody
{
    /// <param name="instance">What is sent.</param>
    /// <param name="open">Writes a secret: its value, or a word in its place.</param>
    /// <exception cref="SecretUnreadableException">A secret does not open.</exception>
    public static WireNewInstance Write(NewInstance instance, Func<Secret, string> open)
    {
        var configuration = new JsonObject
        {
            ["oauth.callback.url"] = instance.CallbackUrl,
            ["oauth.api.key"] = instance.ProviderApp.ClientId,
            ["oauth.api.secret"] = open(instance.ProviderApp.ClientSecret),
        };

        foreach (var field in instance.Element.Fields)
        {
            if (field.Secret && instance.SecretConfiguration.TryGetValue(field.Key, out var secret))
                configuration[field.Key] = open(secret);
            else if (!field.Secret && instance.Configuration.TryGetValue(field.Key, out var value))
                configuration[field.Key] = value;
        }

        foreach (var (key, value) in instance.Element.FixedConfiguration)
            configuration[key] = value;

        if (instance is { Element.Events: { } support, Events: { Enabled: true } events })
        {
            var signatureKey = instance.SecretConfiguration.TryGetValue(SignatureKey.Key, out var sealedKey) ? open(sealedKey) : "";
            foreach (var (key, value) in EventConfiguration.Write(support, events, signatureKey))
                configuration[key] = value?.DeepClone();
        }

        return new WireNewInstance
        {
            Element = new WireElementKey(instance.Element.Key),
            ProviderData = new WireProviderData(open(instance.Code)),
            Configuration = configuration,
            Tags = instance.Tags,
            Name = instance.Name,
        };
    }
}
