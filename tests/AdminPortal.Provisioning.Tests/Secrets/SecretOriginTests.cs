using AdminPortal.Domain.Secrets;

namespace AdminPortal.Provisioning.Tests.Secrets;

public sealed class SecretOriginTests
{
    [Theory]
    [InlineData("https://API.Cloud-Elements.com", "https://api.cloud-elements.com:443")]
    [InlineData("https://api.cloud-elements.com/", "https://api.cloud-elements.com:443")]
    [InlineData("https://api.cloud-elements.com:443/elements/api-v2", "https://api.cloud-elements.com:443")]
    [InlineData("https://api.cloud-elements.com:8443", "https://api.cloud-elements.com:8443")]
    [InlineData("http://127.0.0.1:5081", "http://127.0.0.1:5081")]
    [InlineData("http://[::1]:5081/", "http://[::1]:5081")]
    [InlineData("https://müller.example", "https://xn--mller-kva.example:443")]
    [InlineData("https://user:password@api.cloud-elements.com", "https://api.cloud-elements.com:443")]
    public void Of_BaseUrl_IsSchemeHostAndPort(string baseUrl, string expected) => SecretOrigin.Of(baseUrl).Text.ShouldBe(expected);

    [Theory]
    [InlineData("https://api.cloud-elements.com", "http://api.cloud-elements.com")]
    [InlineData("https://api.cloud-elements.com", "https://api.cloud-elements.com:8443")]
    [InlineData("https://api.cloud-elements.com", "https://api.cloud-elements.com.evil.example")]
    [InlineData("https://api.cloud-elements.com", "https://api.cloud-elements.com.")]
    [InlineData("https://api.cloud-elements.com", "https://api.cloud-elements.com@evil.example")]
    public void Of_OtherSchemeHostOrPort_IsAnotherOrigin(string one, string other) => SecretOrigin.Of(one).ShouldNotBe(SecretOrigin.Of(other));

    [Theory]
    [InlineData("")]
    [InlineData("nowhere")]
    [InlineData("/elements")]
    [InlineData("ftp://api.cloud-elements.com")]
    [InlineData("file:///etc/passwd")]
    public void Of_NoAddress_OpensNothing(string baseUrl)
    {
        SecretOrigin.Find(baseUrl).ShouldBeNull();
        _ = Should.Throw<SecretUnreadableException>(() => SecretOrigin.Of(baseUrl));
    }
}
