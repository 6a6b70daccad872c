"""A small API, as a project would write it."""

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.generics import ListCreateAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.serializers import ModelSerializer

from tests.testapp.models import Ledger, Person


class NameAuthentication(BaseAuthentication):
    """Finds the user by a token, as late as the view: here it is the user's name."""

    def authenticate(self, request):
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind != "Token":
            return None
        try:
            return Person.objects.get(username=token), token
        except Person.DoesNotExist as error:
            raise AuthenticationFailed from error


class LedgerSerializer(ModelSerializer):
    class Meta:
        model = Ledger
        fields = ["id", "title", "amount"]


class LedgerList(ListCreateAPIView):
    authentication_classes = [NameAuthentication]
    permission_classes = [IsAuthenticated]
    queryset = Ledger.objects.order_by("id")
    serializer_class = LedgerSerializer
