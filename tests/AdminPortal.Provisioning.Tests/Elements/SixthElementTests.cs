using System.Text.Json.Nodes;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AdminPortal.Provisioning.Tests.Elements;

/// <summary>An element is data: one that nobody has heard of goes the whole way.</summary>
public sealed class SixthElementTests
{
    private static readonly ElementDefinition Shop = new("shopify", "Shopify", "ecommerce")
    {
        Fields =
        [
            new("shop.region", FieldFormat.Text, Required: true, Secret: false),
            new("shop.token", FieldFormat.PrintableKey, Required: true, Secret: true),
            new("shop.note", FieldFormat.Text, Required: false, Secret: false),
        ],
        FixedConfiguration = new Dictionary<string, bool> { ["bulk.enabled"] = true },
    };

    [Fact]
    public async Task NewElement_DraftConsentExchange_SendsItsOwnValues()
    {
        await using var portal = await TestPortal.StartAsync(services => services.Replace(ServiceDescriptor.Singleton(new ElementCatalog([Shop]))));
        var id = await portal.AddReceivedAsync("shopify", "My shop", new Dictionary<string, string>
        {
            ["shop.region"] = " Überall ",
            ["shop.token"] = "shop-secret",
            ["shop.note"] = "a note",
            ["infusionsoft.server"] = "dt123.infusionsoft.com",
        });

        var stored = await portal.ReadAttemptAsync(id);
        stored.Configuration.ShouldBe(new Dictionary<string, string> { ["shop.region"] = "Überall", ["shop.note"] = "a note" }, ignoreOrder: true);
        stored.SealedConfiguration["shop.token"].Ciphertext.ShouldNotContain("shop-secret");
        await portal.Provisioner.ExchangeAsync(id);

        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Active);
        portal.Platform.UrlRequests.ShouldHaveSingleItem().ElementKey.ShouldBe("shopify");
        var body = NewInstanceBody.Write(portal.Platform.Created.ShouldHaveSingleItem(), secret => portal.Secrets.Open(secret));
        body.Element.Key.ShouldBe("shopify");
        JsonNode.DeepEquals(body.Configuration, JsonNode.Parse("""
            {
              "oauth.callback.url": "https://portal.example.com/oauth/callback",
              "oauth.api.key": "client-id",
              "oauth.api.secret": "client-secret",
              "shop.region": "Überall",
              "shop.token": "shop-secret",
              "shop.note": "a note",
              "bulk.enabled": true
            }
            """)).ShouldBeTrue(body.Configuration.ToJsonString());
    }

    [Fact]
    public async Task NewElement_OptionalFieldLeftEmpty_IsNotSent()
    {
        await using var portal = await TestPortal.StartAsync(services => services.Replace(ServiceDescriptor.Singleton(new ElementCatalog([Shop]))));
        var id = await portal.AddReceivedAsync("shopify", "My shop", new Dictionary<string, string> { ["shop.region"] = "eu", ["shop.token"] = "t" });

        await portal.Provisioner.ExchangeAsync(id);

        var body = NewInstanceBody.Write(portal.Platform.Created.ShouldHaveSingleItem(), secret => portal.Secrets.Open(secret));
        body.Configuration.ContainsKey("shop.note").ShouldBeFalse();
    }
}
